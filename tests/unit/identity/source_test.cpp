#include "identity/source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace spillway::identity {
namespace {

using testing::HasSubstr;

using Map = std::map<std::string, std::string>;

Surroundings surroundings(Map variables, Map files = {}) {
  Surroundings all;
  all.environment = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  all.files = [files = std::move(files)](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return make_error_code(boost::system::errc::no_such_file_or_directory);
    return found->second;
  };
  return all;
}

std::string field(const HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.fields) {
    if (key == name) return value;
  }
  return {};
}

std::string line(const HttpRequest& request) {
  return request.method + " " + request.url.text() + " " + request.path + (request.query.empty() ? "" : "?") +
         request.query;
}

config::ManagedIdentity with_client(const std::string& id) {
  config::ManagedIdentity identity;
  identity.client_id = id;
  return identity;
}

const Map app_service = {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41741/MSI/token/"}, {"IDENTITY_HEADER", "h3ader"}};
const Map arc = {{"IDENTITY_ENDPOINT", "http://localhost:40342/metadata/identity/oauth2/token"},
                 {"IMDS_ENDPOINT", "http://localhost:40342"}};
constexpr char resource[] = "resource=https%3A%2F%2Fcognitiveservices.azure.com";

TEST(ManagedIdentity, IsFoundInTheOrderOfThePlatforms) {
  Map both = app_service;
  both["IMDS_ENDPOINT"] = "http://localhost:40342";
  EXPECT_EQ(make_source(config::ManagedIdentity(), surroundings(both))->name(), "App Service");
  EXPECT_EQ(make_source(config::ManagedIdentity(), surroundings(arc))->name(), "Azure Arc");
  EXPECT_EQ(make_source(config::ManagedIdentity(), surroundings({}))->name(), "IMDS");
  EXPECT_EQ(make_source(config::ManagedIdentity(), surroundings({{"IDENTITY_ENDPOINT", "http://x"}}))->name(), "IMDS");
}

TEST(AppService, IsAskedWithItsHeader) {
  const auto source = make_source(config::ManagedIdentity(), surroundings(app_service));
  const Step step = source->request({});
  EXPECT_EQ(step.problem, "");
  EXPECT_EQ(line(step.request),
            std::string("GET http://127.0.0.1:41741/MSI/token /MSI/token/?api-version=2019-08-01&") + resource);
  EXPECT_EQ(field(step.request, "X-IDENTITY-HEADER"), "h3ader");
  EXPECT_THAT(source->secrets(), testing::Contains("h3ader"));
}

TEST(AppService, KnowsUserAssignedIdentitiesByThreeNames) {
  const auto query = [](const config::ManagedIdentity& identity) {
    return make_source(identity, surroundings(app_service))->request({}).request.query;
  };
  EXPECT_THAT(query(with_client("c-1")), HasSubstr("&client_id=c-1"));
  config::ManagedIdentity by_object;
  by_object.object_id = "o-1";
  EXPECT_THAT(query(by_object), HasSubstr("&principal_id=o-1"));
  config::ManagedIdentity by_resource;
  by_resource.resource_id = "/subscriptions/s";
  EXPECT_THAT(query(by_resource), HasSubstr("&mi_res_id=%2Fsubscriptions%2Fs"));
}

TEST(AppService, SaysWhenItsEndpointIsNone) {
  const auto source = make_source(config::ManagedIdentity(),
                                  surroundings({{"IDENTITY_ENDPOINT", "nowhere"}, {"IDENTITY_HEADER", "h"}}));
  EXPECT_EQ(source->request({}).problem, "IDENTITY_ENDPOINT holds no usable URL");
}

TEST(Imds, IsAskedAtTheLinkLocalAddress) {
  const Step step = make_source(config::ManagedIdentity(), surroundings({}))->request({});
  EXPECT_EQ(
      line(step.request),
      std::string("GET http://169.254.169.254 /metadata/identity/oauth2/token?api-version=2018-02-01&") + resource);
  EXPECT_EQ(field(step.request, "Metadata"), "true");
}

TEST(Imds, KnowsUserAssignedIdentitiesByThreeNames) {
  const auto query = [](const config::ManagedIdentity& identity) {
    return make_source(identity, surroundings({}))->request({}).request.query;
  };
  EXPECT_THAT(query(with_client("c-1")), HasSubstr("&client_id=c-1"));
  config::ManagedIdentity by_object;
  by_object.object_id = "o-1";
  EXPECT_THAT(query(by_object), HasSubstr("&object_id=o-1"));
  config::ManagedIdentity by_resource;
  by_resource.resource_id = "/subscriptions/s";
  EXPECT_THAT(query(by_resource), HasSubstr("&msi_res_id=%2Fsubscriptions%2Fs"));
}

TEST(Imds, MayBeSomewhereElse) {
  const auto source = make_source(config::ManagedIdentity(),
                                  surroundings({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1/"}}));
  EXPECT_THAT(line(source->request({}).request),
              testing::StartsWith("GET http://127.0.0.1:1 /metadata/identity/oauth2/token?"));
}

constexpr char key_file[] = "/var/opt/azcmagent/tokens/1.key";

HttpAnswer challenge(const std::string& value) {
  HttpAnswer answer;
  answer.status = 401;
  answer.fields.emplace_back("WWW-Authenticate", value);
  return answer;
}

std::string arc_problem(const std::string& value, const Map& files) {
  const auto source = make_source(config::ManagedIdentity(), surroundings(arc, files));
  source->request({});
  const auto step = source->after(challenge(value));
  return step ? step->problem : "no further step";
}

TEST(Arc, IsShownTheKeyFileOfItsChallenge) {
  const auto source = make_source(config::ManagedIdentity(), surroundings(arc, {{key_file, "k3y\n"}}));
  const Step first = source->request({});
  EXPECT_EQ(line(first.request), std::string("GET http://localhost:40342/metadata/identity/oauth2/token "
                                             "/metadata/identity/oauth2/token?api-version=2019-11-01&") +
                                     resource);
  EXPECT_EQ(field(first.request, "Metadata"), "true");
  EXPECT_EQ(field(first.request, "Authorization"), "");
  const auto second = source->after(challenge(std::string("Basic realm=") + key_file));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->problem, "");
  EXPECT_EQ(line(second->request), line(first.request));
  EXPECT_EQ(field(second->request, "Authorization"), "Basic k3y");
  EXPECT_THAT(source->secrets(), testing::Contains("k3y"));
}

TEST(Arc, IsShownAKeyOnceOnly) {
  const auto source = make_source(config::ManagedIdentity(), surroundings(arc, {{key_file, "k3y"}}));
  source->request({});
  EXPECT_TRUE(source->after(challenge(std::string("Basic realm=") + key_file)));
  EXPECT_FALSE(source->after(challenge(std::string("Basic realm=") + key_file)));
  source->request({});
  EXPECT_TRUE(source->after(challenge(std::string("Basic realm=") + key_file)));
}

TEST(Arc, ReadsKeyFilesOfItsOwnDirectoryOnly) {
  for (const char* path :
       {"/etc/shadow.key", "/var/opt/azcmagent/tokens/../../x.key", "/var/opt/azcmagent/tokens/a/b.key",
        "/var/opt/azcmagent/tokens/1.txt", "/var/opt/azcmagent/tokens/.key", "1.key", ""}) {
    EXPECT_EQ(arc_problem(std::string("Basic realm=") + path, {{path, "k"}}),
              "the challenge names no .key file in /var/opt/azcmagent/tokens")
        << path;
  }
  EXPECT_THAT(arc_problem("Bearer realm=x", {}), HasSubstr("names no .key file"));
  EXPECT_EQ(arc_problem(std::string("basic realm=\"") + key_file + "\"", {{key_file, "k"}}), "");
}

TEST(Arc, RefusesKeyFilesThatAreNone) {
  const std::string right = std::string("Basic realm=") + key_file;
  EXPECT_THAT(arc_problem(right, {}), HasSubstr("cannot be read: No such file"));
  EXPECT_THAT(arc_problem(right, {{key_file, ""}}), HasSubstr("has not 1 to 4096 bytes"));
  EXPECT_THAT(arc_problem(right, {{key_file, std::string(4097, 'k')}}), HasSubstr("has not 1 to 4096 bytes"));
  EXPECT_EQ(arc_problem(right, {{key_file, std::string(4096, 'k')}}), "");
}

TEST(Arc, HasNoUserAssignedIdentities) {
  EXPECT_THAT(make_source(with_client("c"), surroundings(arc))->request({}).problem,
              HasSubstr("system's identity only"));
}

config::BackendUrl authority(const std::string& url = "https://login.microsoftonline.com") {
  return config::parse_url(url).value_or(config::BackendUrl());
}

TEST(Workload, ShowsTheFileAsItIsThen) {
  Map files = {{"/token", "first\n"}};
  Surroundings around = surroundings({});
  around.files = [&files](const std::string& path) -> Result<std::string> { return files.at(path); };
  config::WorkloadIdentity identity;
  identity.tenant_id = "tenant";
  identity.client_id = "client";
  identity.token_file = "/token";
  identity.authority = authority();
  const auto source = make_source(identity, around);
  const Step step = source->request({});
  EXPECT_EQ(line(step.request), "POST https://login.microsoftonline.com /tenant/oauth2/v2.0/token");
  EXPECT_EQ(field(step.request, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(step.request.body,
            "grant_type=client_credentials&client_id=client&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"
            "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
            "&client_assertion=first");
  EXPECT_THAT(source->secrets(), testing::Contains("first"));
  files["/token"] = "second";
  EXPECT_THAT(source->request({}).request.body, testing::EndsWith("&client_assertion=second"));
  files["/token"] = "\n";
  EXPECT_EQ(source->request({}).problem, "the token file /token is empty");
}

TEST(Workload, SaysWhenTheFileIsGone) {
  config::WorkloadIdentity identity;
  identity.token_file = "/token";
  EXPECT_EQ(make_source(identity, surroundings({}))->request({}).problem,
            "the token file /token cannot be read: No such file or directory");
}

TEST(Secrets, GoIntoTheForm) {
  config::ClientSecret identity;
  identity.tenant_id = "tenant";
  identity.client_id = "client";
  identity.secret = config::Secret("a~b&c=d+e");
  identity.resource = "https://ai.azure.com";
  identity.authority = authority("https://login.microsoftonline.us/prefix");
  const auto source = make_source(identity, surroundings({}));
  const Step step = source->request({});
  EXPECT_EQ(line(step.request), "POST https://login.microsoftonline.us/prefix /prefix/tenant/oauth2/v2.0/token");
  EXPECT_EQ(step.request.body,
            "grant_type=client_credentials&client_id=client&scope=https%3A%2F%2Fai.azure.com%2F.default"
            "&client_secret=a~b%26c%3Dd%2Be");
}

TEST(Certificates, ThatCannotBeReadAreSaidToBe) {
  config::ClientCertificate identity;
  identity.certificate = "/c.pem";
  identity.private_key = "/k.pem";
  EXPECT_EQ(make_source(identity, surroundings({}))->request({}).problem,
            "/c.pem cannot be read: No such file or directory");
  EXPECT_EQ(make_source(identity, surroundings({}, {{"/c.pem", "x"}}))->request({}).problem,
            "/k.pem cannot be read: No such file or directory");
  EXPECT_EQ(make_source(identity, surroundings({}, {{"/c.pem", "x"}, {"/k.pem", "x"}}))->request({}).problem,
            "the certificate file holds no certificate");
}

}  // namespace
}  // namespace spillway::identity
