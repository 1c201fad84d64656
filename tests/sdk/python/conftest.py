import concurrent.futures
import contextlib
import os
import ssl

import openai
import pytest

from stack import API_VERSION, KEY, Stack


def pytest_sessionstart():
    for name in ("SPILLWAY_PROGRAM", "SPILLWAY_LAB_PROGRAM"):
        if not os.environ.get(name):
            pytest.exit(f"{name} must name the built program", returncode=2)


SURFACES = ["AzureOpenAI", "OpenAI at /openai/v1/", "OpenAI at /v1"]


class Clients:
    """The classes of the openai package, pointed at the gateway as users do it. Retries are the gateway's task here."""

    def __init__(self, stack):
        self._stack = stack
        self._opened = contextlib.ExitStack()
        self._tls = ssl.create_default_context(cafile=stack.ca)

    def _common(self, options):
        return {"api_key": KEY, "max_retries": 0, "timeout": 15.0, **options}

    def _sync(self, backends=None):
        def note(response):
            backends.append(response.headers.get("x-routed-backend"))

        hooks = {"response": [note]} if backends is not None else None
        http = openai.DefaultHttpxClient(verify=self._tls, trust_env=False, event_hooks=hooks)
        return self._opened.enter_context(http)

    def azure(self, **options):
        options = {"api_version": API_VERSION, **self._common(options)}
        return openai.AzureOpenAI(azure_endpoint=self._stack.url, http_client=self._sync(), **options)

    def v1(self, **options):
        return openai.OpenAI(
            base_url=f"{self._stack.url}/openai/v1/", http_client=self._sync(), **self._common(options)
        )

    def surface(self, name, backends=None, **options):
        """One of SURFACES; the backend of each answer is appended to `backends`."""
        http = self._sync(backends)
        if name == "AzureOpenAI":
            options = {"api_version": "2025-03-01-preview", **self._common(options)}
            return openai.AzureOpenAI(azure_endpoint=self._stack.url, http_client=http, **options)
        path = name.removeprefix("OpenAI at ")
        return openai.OpenAI(base_url=self._stack.url + path, http_client=http, **self._common(options))

    def async_v1(self):
        http = openai.DefaultAsyncHttpxClient(verify=self._tls, trust_env=False)
        return openai.AsyncOpenAI(base_url=f"{self._stack.url}/openai/v1", http_client=http, **self._common({}))

    def async_azure(self):
        http = openai.DefaultAsyncHttpxClient(verify=self._tls, trust_env=False)
        return openai.AsyncAzureOpenAI(
            azure_endpoint=self._stack.url, api_version=API_VERSION, http_client=http, **self._common({})
        )

    def close(self):
        self._opened.close()


@pytest.fixture(scope="module")
def stack(request):
    """One a module; `STACK` in the module completes its configuration."""
    running = Stack(**getattr(request.module, "STACK", {}))
    yield running
    running.stop()


@pytest.fixture
def clients(stack):
    made = Clients(stack)
    yield made
    made.close()


@pytest.fixture(params=["AzureOpenAI", "OpenAI"])
def client(request, clients):
    return clients.azure() if request.param == "AzureOpenAI" else clients.v1()


@pytest.fixture(params=SURFACES)
def surface(request):
    return request.param


@pytest.fixture
def everywhere(surface, stack, clients):
    """Runs `body(client, words)` once for each resource, all at the same time.

    What one of them makes must stay where it began, and together they must use every resource.
    """

    def run(body):
        trails = [[] for _ in stack.resources]
        callers = [(clients.surface(surface, trail), f"words of caller {i}") for i, trail in enumerate(trails)]
        with concurrent.futures.ThreadPoolExecutor(len(callers)) as threads:
            for done in [threads.submit(body, *caller) for caller in callers]:
                done.result()
        assert [len(set(trail)) for trail in trails] == [1] * len(trails), trails
        assert {trail[0] for trail in trails} == {one["name"] for one in stack.resources}

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failing test shows what the gateway has logged."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack is not None:
        report.sections.append(("the gateway's last lines", "\n".join(stack.gateway.lines[-20:])))
    return report
