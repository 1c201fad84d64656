"""A statement with co_await holds names, calls and parentheses only: GCC 12 destroys temporaries of other shapes twice.
No braces (initialisers, lambda bodies), no ?:, no lambda captures, no T(...) of an aggregate T. Nor does it bind names in
brackets, which GCC 15 leaks when the frame dies suspended. Name it on the line before."""
import re

import rule

TOKEN = re.compile(r'[A-Za-z_]\w*|->|::|""|\d[\w.\']*|[^\s\w]')
OPENS_BLOCK = {")", "else", "do", "try", "{", "}", ";", ":", "const", "noexcept", "override", "final", "mutable"}
DEFINES = {"namespace", "struct", "class", "enum", "union", "extern"}
PREPROCESSOR = re.compile(r"^[ \t]*#(?:.*\\\n)*.*$", re.MULTILINE)
AGGREGATE = re.compile(r"\bstruct\s+([A-Z]\w*)\s*(?:final\s*)?\{")


def matching(texts, closing):
    """Index of the bracket that the one at `closing` closes, or -1."""
    pair = {")": "(", "]": "["}[texts[closing]]
    depth = 0
    for i in range(closing, -1, -1):
        depth += (texts[i] == texts[closing]) - (texts[i] == pair)
        if depth == 0:
            return i
    return -1


def introduces_lambda(texts, i):
    """Whether the `[` at `i` begins a lambda: not an index, not an attribute, not a structured binding."""
    before = texts[i - 1] if i else ""
    if before in (")", "]", '""', "[", "&") and not (before == "&" and i > 1 and texts[i - 2] in ("(", ",", "=")):
        return False
    if texts[i + 1 : i + 2] == ["["]:
        return False
    return not re.fullmatch(r"\w+", before) or before in ("return", "co_await", "co_return", "co_yield")


def begins_lambda_body(texts):
    """Whether a `{` after these tokens begins the body of a lambda."""
    closing = max((i for i, text in enumerate(texts) if text in (")", "]")), default=-1)
    if closing < 0 or not (texts[closing + 1 :] == [] or texts[closing + 1] in ("->", "mutable", "noexcept")):
        return False
    if texts[closing] == ")":
        closing = matching(texts, closing) - 1
    return closing >= 0 and texts[closing] == "]" and introduces_lambda(texts, matching(texts, closing))


class Statement:
    def __init__(self):
        self.tokens = []  # (text, offset); of a lambda body only the braces
        self.brackets = 0  # open ( [ and initialiser {

    def kind_of_brace(self):
        """What a `{` here begins: a "block", a "lambda" (a block inside this statement) or an "initialiser"."""
        texts = [text for text, _ in self.tokens]
        if begins_lambda_body(texts):
            return "lambda"
        if not texts or texts[-1] in OPENS_BLOCK:
            return "block"
        if self.brackets == 0 and not {"=", "("} & set(texts) and DEFINES & set(texts):
            return "block"
        closing = max((i for i, text in enumerate(texts) if text == ")"), default=-1)
        return "block" if closing >= 0 and "->" in texts[closing:] else "initialiser"


def statements(code):
    """Every statement of the file, as a list of (token, offset). The header of a block is a statement of its own."""
    code = PREPROCESSOR.sub(lambda line: re.sub(r"[^\n]", " ", line.group(0)), code)
    stack = [Statement()]
    open_braces = []
    for match in TOKEN.finditer(code):
        text, current = match.group(0), stack[-1]
        if text == "{":
            kind = current.kind_of_brace()
            open_braces.append(kind)
            if kind == "block":
                yield current.tokens
                stack[-1] = Statement()
            else:
                current.tokens.append((text, match.start()))
            if kind == "initialiser":
                current.brackets += 1
            else:
                stack.append(Statement())
        elif text == "}":
            kind = open_braces.pop() if open_braces else "block"
            if kind == "initialiser":
                current.brackets -= 1
            else:
                yield current.tokens
                if len(stack) > 1:
                    stack.pop()
            if kind != "block":
                stack[-1].tokens.append((text, match.start()))
        elif text == ";" and current.brackets == 0:
            yield current.tokens
            stack[-1] = Statement()
        else:
            current.brackets += (text in "([") - (text in ")]")
            current.tokens.append((text, match.start()))
    for statement in stack:
        yield statement.tokens


def captures(texts):
    """Whether a lambda of the statement captures anything."""
    return any(text == "[" and introduces_lambda(texts, i) and texts[i + 1] != "]" for i, text in enumerate(texts))


def aggregates(code):
    """Structs without a constructor, a virtual function or private members: T(...) of one is aggregate initialisation."""
    for match in AGGREGATE.finditer(code):
        depth, end = 1, match.end()
        while depth and end < len(code):
            depth += {"{": 1, "}": -1}.get(code[end], 0)
            end += 1
        body = code[match.end():end]
        if not re.search(rf"\b{match.group(1)}\s*\(|\bvirtual\b|\bprivate\s*:", body):
            yield match.group(1)


def check(root):
    files = [(path, rule.code_only(text)) for path, text in rule.sources(root, "src", "include", "tests", "bench")]
    known = {name for _, code in files for name in aggregates(code)}
    found = []
    for path, code in files:
        for tokens in statements(code) if "co_await" in code else ():
            texts = [text for text, _ in tokens]
            if "co_await" not in texts:
                continue
            wrong = []
            if "{" in texts:
                wrong.append("braces")
            if "?" in texts:
                wrong.append("?:")
            if captures(texts):
                wrong.append("a capturing lambda")
            if re.search(r"\bauto\b[ &]*\[", " ".join(texts)):
                wrong.append("a structured binding")
            wrong += [f"{text}(…) of an aggregate" for text, after in zip(texts, texts[1:]) if text in known and after == "("]
            if wrong:
                line = rule.line_of(code, tokens[texts.index("co_await")][1])
                found.append(f"{path}:{line}: {', '.join(wrong)} in a statement with co_await")
    return found


def _sample(shows, body, expected):
    aggregate = "struct Agg { int a; std::string b = f(); };\nstruct Made { Made(int) {} };\n"
    return (shows, {"src/net/a.cpp": f"{aggregate}asio::awaitable<int> f(int x) {{\n{body}\n}}\n"}, expected)


SAMPLES = [
    _sample("names and calls", "auto r = co_await g(x, std::move(y), Made(3)); co_return r;", None),
    _sample("braces on the line before", "Agg a{1, {}};\nconst auto s = x ? 1 : 2;\nco_await g(a, s);", None),
    _sample("control headers", "if (auto r = co_await g(); r) { h({1}); }\nwhile (co_await g()) { auto q = x ? 1 : 2; }\n"
            "for (auto& i : co_await g()) {}\nswitch (co_await g()) { case 1: { break; } default: {} }", None),
    _sample("in comments and strings", 'h("co_await {"); // co_await g({1})\nauto s = R"(co_await g({1}))"; h({1});', None),
    _sample("inside a lambda's own body", "spawn([](int y) -> asio::awaitable<void> { auto z = y; co_await g(z); }, {1});", None),
    _sample("array elements", "co_await g(a[i], b[0][1], c()[2]);", None),
    _sample("a digit separator", "h(1'000, {2}); co_await g(1'000);", None),
    _sample("an index in a header", "for (int i = a[0]; i < 3; ++i) { h({1}); }\nco_await g();", None),
    _sample("a named lambda before", "auto l = [x](int y) mutable -> int { return x + y; };\nco_await g(l);", None),
    _sample("a named lambda without parameters", "auto l = [&x] { h({x}); };\nco_await g(l);", None),
    _sample("a bound name", "Io io = co_await g();\nauto& [ec, n] = io;\nif (x) { h(); }\nco_await g();", None),
    _sample("after a class in the function", "struct L { int q = 1; };\nco_await g();", None),
    _sample("an aggregate argument", "co_await g(Agg{1});", "braces"),
    _sample("a braced argument", "co_await g({1, 2});", "braces"),
    _sample("an initialiser list", 'co_await g(std::vector<std::string>{"a"});', "braces"),
    _sample("an await inside an initialiser", "Agg a{.a = co_await g()};", "braces"),
    _sample("a conditional", "auto s = x ? co_await g() : 2;", "?:"),
    _sample("a conditional argument", "co_await g(x ? a() : b());", "?:"),
    _sample("a capturing lambda", "co_await g([x] { return x; });", "a capturing lambda"),
    _sample("a capture by reference", "co_await g([&](int y) { h(y); });", "a capturing lambda"),
    _sample("an init capture over lines", "co_await co_spawn(ex,\n  [s = std::move(s)]() -> asio::awaitable<void> {\n co_return; }, t);",
            "a capturing lambda"),
    _sample("a lambda called in place", "co_await [x]() -> asio::awaitable<int> { co_return x; }();", "a capturing lambda"),
    _sample("parenthesised aggregate", "co_await g(Agg(1));", "Agg(…) of an aggregate"),
    _sample("a structured binding", "auto [a, b] = co_await g();", "a structured binding"),
    _sample("a structured binding in a loop", "for (auto& [a, b] : co_await g()) { h(a); }", "a structured binding"),
    _sample("in a condition", "if (co_await g({1})) { h(); }", "braces"),
    _sample("in a nested block", "{ if (x) { for (;;) { co_await g(Agg{1}); } } }", "braces"),
    _sample("in a lambda's body", "spawn([]() -> asio::awaitable<void> { co_await g({1}); });", "braces"),
    _sample("the line is right", "h();\n\nco_await g({1});", "src/net/a.cpp:6:"),
]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
