#include "spillway/config/client_identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/fields.hpp"
#include "config/tree.hpp"
#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

// A section on its own, as `read_section` sees it.
template <class T>
struct Read {
  T value;
  Lines problems;
  Lines warnings;

  explicit Read(const std::string& yaml, const test::Map& variables = {}) {
    const auto parsed = parse_tree(yaml);
    const auto root = std::get<std::shared_ptr<Node>>(parsed);
    const Sources sources = test::sources(variables);
    Reader reader(*root, sources, WallTime{});
    read_section(reader, reader.root(), value);
    problems = test::lines(reader.take_problems());
    warnings = test::lines(reader.take_warnings());
  }
};

const std::string guid = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const std::string least = "tenant_id: " + guid + "\naudiences: [api://spillway]\n";

Lines wrong(const std::string& yaml, const test::Map& variables = {}) {
  return Read<Entra>(yaml, variables).problems;
}

TEST(EntraSection, HasDefaultsForEverythingButTenantAndAudiences) {
  const Read<Entra> read(least);
  EXPECT_EQ(read.problems, Lines{});
  EXPECT_EQ(read.value.tenant_id, guid);
  EXPECT_THAT(read.value.audiences, ElementsAre("api://spillway"));
  EXPECT_THAT(read.value.client_ids, testing::IsEmpty());
  EXPECT_THAT(read.value.required_claims, testing::IsEmpty());
  EXPECT_EQ(read.value.tenant_url(), "https://login.microsoftonline.com/" + guid);
  EXPECT_THAT(wrong("{}"), ElementsAre("f.yaml:1:1: tenant_id: missing (GUID or domain)",
                                       "f.yaml:1:1: audiences: missing (list of audiences (text), 1 to 100)"));
}

TEST(EntraSection, KeepsWhatItSays) {
  const Read<Entra> read("tenant_id: Contoso.onmicrosoft.com\naudiences: [a, api://b]\nclient_ids: ['" + guid +
                             "', '${ID}']\nrequired_claims: {roles: [Chat.User, Admin], scp: [chat]}\n"
                             "authority: https://LOGIN.microsoftonline.us/\n",
                         {{"ID", "AAAAAAAA-86F1-41AF-91AB-2D7CD011DB47"}});
  EXPECT_EQ(read.problems, Lines{});
  EXPECT_EQ(read.value.tenant_id, "contoso.onmicrosoft.com");
  EXPECT_THAT(read.value.audiences, ElementsAre("a", "api://b"));
  EXPECT_THAT(read.value.client_ids, ElementsAre(guid, "aaaaaaaa-86f1-41af-91ab-2d7cd011db47"));
  EXPECT_THAT(read.value.required_claims, ElementsAre(testing::Pair("roles", ElementsAre("Chat.User", "Admin")),
                                                      testing::Pair("scp", ElementsAre("chat"))));
  EXPECT_EQ(read.value.authority, "https://login.microsoftonline.us");
}

TEST(EntraSection, NamesOneTenantNotAnyTenant) {
  for (const char* tenant : {"common", "organizations", "consumers", "''", "'*'", "72f988bf-86f1-41af-91ab"})
    EXPECT_THAT(wrong("audiences: [a]\ntenant_id: " + std::string(tenant)),
                ElementsAre(testing::AllOf(testing::StartsWith("f.yaml:2:12: tenant_id: "),
                                           testing::HasSubstr("a domain such as contoso.onmicrosoft.com"))))
        << tenant;
  EXPECT_THAT(wrong("audiences: [a]\ntenant_id: contoso..com"),
              ElementsAre(testing::StartsWith("f.yaml:2:12: tenant_id: \"contoso..com\" is not a host name")));
}

TEST(EntraSection, SaysWhatIsWrongWhere) {
  EXPECT_THAT(wrong(least + "client_ids: [chat-app]"),
              ElementsAre("f.yaml:3:14: client_ids[0]: \"chat-app\" is not a GUID (such as " + guid + ")"));
  EXPECT_THAT(wrong("tenant_id: " + guid + "\naudiences: []"),
              ElementsAre("f.yaml:2:12: audiences: 0 items (expected: list of audiences (text), 1 to 100)"));
  EXPECT_THAT(wrong("tenant_id: " + guid + "\naudiences: ['a b']"),
              ElementsAre("f.yaml:2:13: audiences[0]: \"a b\" is not usable here (1 to 512 printable ASCII characters "
                          "without spaces)"));
  EXPECT_THAT(wrong(least + "required_claims: {}"),
              ElementsAre("f.yaml:3:18: required_claims: is empty (name at least one claim, or leave the key out)"));
  EXPECT_THAT(wrong(least + "required_claims: {roles: Admin}"),
              ElementsAre("f.yaml:3:26: required_claims.roles: a single value (expected: list of values (text), 1 to "
                          "100)"));
  EXPECT_THAT(wrong(least + "required_claims: {roles: []}"), testing::SizeIs(1));
  EXPECT_THAT(wrong(least + "required_claims: {'a b': [c]}"),
              ElementsAre("f.yaml:3:19: required_claims.a b: not usable as a claim (1 to 512 printable ASCII "
                          "characters without spaces)"));
  EXPECT_THAT(wrong(least + "required_claims: [roles]"), testing::SizeIs(1));
  EXPECT_THAT(
      wrong(least + "authority: login.microsoftonline.com"),
      ElementsAre("f.yaml:3:12: authority: the URL does not begin with https:// or http:// (write https://HOST, "
                  "with :PORT and /PREFIX if needed)"));
  EXPECT_THAT(wrong(least + "audience: a"),
              ElementsAre("f.yaml:3:1: audience: unknown key (did you mean \"audiences\"?)"));
}

TEST(EntraSection, WarnsOfAnAuthorityWithoutTls) {
  const Read<Entra> read(least + "authority: http://127.0.0.1:8080\nrequired_claims: {roles: [Chat.User]}");
  EXPECT_EQ(read.problems, Lines{});
  EXPECT_THAT(read.warnings, ElementsAre("f.yaml:3:12: authority: the keys that tokens are checked with come without "
                                         "encryption (use https)"));
}

TEST(EntraSection, WarnsWhenItAdmitsTheWholeTenant) {
  const Loaded loaded = test::load(test::listeners + test::backends + test::pools +
                                   "clients:\n- {name: a, entra: {tenant_id: contoso.com, audiences: [b]}}\n");
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  EXPECT_THAT(
      test::lines(loaded.warnings),
      ElementsAre("f.yaml:5:20: clients[0].entra: admits every user and application of the tenant that asks for "
                  "a token (say who, with client_ids or required_claims)"));
  EXPECT_EQ(Read<Entra>(least + "client_ids: [" + guid + "]").warnings, Lines{});
  EXPECT_EQ(Read<Entra>(least + "required_claims: {roles: [Chat.User]}").warnings, Lines{});
}

TEST(CertificateSection, HoldsASubjectInOneWayOfWriting) {
  const Read<CertificateSection> read("subject: 'cn = chat-app,  O=Contoso\\, Ltd , dc= x'");
  EXPECT_EQ(read.problems, Lines{});
  ASSERT_TRUE(read.value.name);
  EXPECT_EQ(*read.value.name, (CertificateName{CertificateName::Kind::subject, "CN=chat-app,O=Contoso\\, Ltd,DC=x"}));
}

TEST(CertificateSection, TellsTheKindsOfAlternativeNames) {
  const auto name = [](const std::string& text) {
    return Read<CertificateSection>("san: '" + text + "'").value.name.value_or(CertificateName{});
  };
  using Kind = CertificateName::Kind;
  EXPECT_EQ(name("Chat-App.contoso.com"), (CertificateName{Kind::dns, "chat-app.contoso.com"}));
  EXPECT_EQ(name("spiffe://contoso.com/Chat"), (CertificateName{Kind::uri, "spiffe://contoso.com/Chat"}));
  EXPECT_EQ(name("chat@contoso.com"), (CertificateName{Kind::email, "chat@contoso.com"}));
}

TEST(CertificateSection, SaysWhatIsWrongWhere) {
  const auto problems = [](const std::string& yaml) { return Read<CertificateSection>(yaml).problems; };
  EXPECT_THAT(problems("{}"), ElementsAre("f.yaml:1:1: says nothing (give subject or san)"));
  EXPECT_THAT(problems("{subject: CN=a, san: a.example}"),
              ElementsAre("f.yaml:1:17: san: subject and san exclude each other (give exactly one)"));
  for (const char* subject : {"chat-app", "CN=", "=chat-app", "CN=a,", "C N=a", "''"})
    EXPECT_THAT(problems("subject: " + std::string(subject)),
                ElementsAre(testing::HasSubstr("such as CN=chat-app,O=Contoso")))
        << subject;
  EXPECT_THAT(problems("san: '*.contoso.com'"), ElementsAre(testing::HasSubstr("is not a host name")));
  EXPECT_THAT(problems("san: 'spiffe://a b'"), ElementsAre(testing::HasSubstr("is not usable here")));
}

TEST(NormalSubject, LeavesEscapesAlone) {
  EXPECT_EQ(normal_subject("CN=a\\,b"), "CN=a\\,b");
  EXPECT_EQ(normal_subject("CN=a\\ , O=b"), "CN=a\\ ,O=b");
  EXPECT_EQ(normal_subject("CN=a+OU=b,O=c"), "CN=a+OU=b,O=c");
  EXPECT_EQ(normal_subject("2.5.4.3=a=b"), "2.5.4.3=a=b");
  EXPECT_EQ(normal_subject("CN=\xC3\xA4"), std::nullopt);
  EXPECT_EQ(normal_subject(""), std::nullopt);
}

Lines wrong_clients(const std::string& clients) {
  return test::problems(test::listeners + test::backends + test::pools + "clients:\n" + clients);
}

TEST(ClientIdentities, AreNotShared) {
  const std::string entra = "entra: {tenant_id: contoso.com, audiences: [a]";
  EXPECT_THAT(wrong_clients("- {name: a, " + entra + "}}\n- {name: b, " + entra + "}}\n"),
              ElementsAre("f.yaml:6:20: clients[1].entra: the same as clients[0].entra (it could mean either client)"));
  EXPECT_THAT(wrong_clients("- {name: a, " + entra + "}}\n- {name: b, " + entra + ", client_ids: ['" + guid + "']}}\n"),
              ElementsAre());
  EXPECT_THAT(wrong_clients("- {name: a, certificate: {subject: CN=a}}\n- {name: b, certificate: {subject: cn = a}}\n"),
              ElementsAre("f.yaml:6:26: clients[1].certificate: the same as clients[0].certificate (it could mean "
                          "either client)"));
}

TEST(ClientIdentities, AreInTheSummary) {
  Config config;
  config.clients.resize(2);
  config.clients[0].name = "chat";
  config.clients[0].entra = Read<Entra>(least).value;
  config.clients[0].certificate = CertificateName{CertificateName::Kind::dns, "chat.example"};
  config.clients[1].name = "ops";
  config.clients[1].certificate = CertificateName{CertificateName::Kind::subject, "CN=ops"};
  EXPECT_THAT(summary(config), testing::HasSubstr("  chat  tokens of " + guid +
                                                  ", certificate chat.example, all routes\n"
                                                  "  ops  certificate CN=ops, all routes\n"));
}

}  // namespace
}  // namespace spillway::config
