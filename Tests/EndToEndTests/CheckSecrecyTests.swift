import Glibc
import SystemPackage
import TestSupport
import Testing

/// No command that reads the configuration shows a secret in the wrong place, whether the configuration is valid or
/// not.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct CheckSecrecyTests {
  static let configurations = [
    // What is refused.
    "retention: { archive: { command: 'true', environment: [A=S3cret] } }",
    "retention: { archive: { command: 'true', environment: A=S3cret } }",
    "forward: { apiKey: ab,S3cret }", "forward: { apiKey: { S3cret: x } }", "apiKey: x\nS3cret: y",
    "fleet: { node: 'postgresql://u:S3cret@db/x' }", "admin: { listen: 'http://u:S3cret@127.0.0.1:8641' }",
    "admin: { listen: 'u:S3cret@127.0.0.1:8641' }", "inboxes: [{ path: 'sftp://u:S3cret@till/out' }]",
    "forward: { tls: { ca: \"-----BEGIN CERTIFICATE-----\\nS3cret\\n\" } }",
    "forward:\n  tls:\n    certificate: |\n      -----BEGIN CERTIFICATE-----\n      S3cret\n    key: x",
    "notify: { mail: { to: 'u:S3cret@h', from: a@b, smtp: h } }", "forward: { timeout: Bearer S3cret }",
    "log: { level: 'https://n8n.example.com/webhook/S3cret' }", "forward: { proxy: 'u:S3cret@h' }",
    "fleet: { url: 'postgres:u:S3cret@db' }", "fleet: { url: 'postgresql://u:p@S3cret@db/x' }",
    "fleet: { url: 'postgresql://u:p/S3cret@db/x' }", "forward: { url: 'https://h/x', auth: { bearer: [S3cret] } }",
    // What is valid, but cannot be used or is hardly intended.
    "forward: { url: 'http://127.0.0.1:9/webhook/x?key=S3cret', auth: { bearer: 'Bearer S3cret' } }",
    "forward: { url: 'http://u:S3cret@127.0.0.1:9/webhook/x' }",
    "forward: { url: 'https://127.0.0.1:9/x', tls: { ca: MIIS3cret, certificate: MIIS3cret, key: MIIS3cret } }",
    "forward: { url: 'http://n8n.invalid/x', proxy: 'http://u:S3cret@127.0.0.1:9', secret: whsec_S3cretS3cretS3cretS3cretS3cretAAAA }",
    "forward: { url: 'http://127.0.0.1:9/x', auth: { header: { name: X-Key, value: 'X-Key: S3cret' } } }",
    "forward: { url: 'http://127.0.0.1:9/x', auth: { basic: { user: u, password: ' S3cret' } } }",
    "retention: { archive: \"curl -H 'Authorization: Bearer S3cret' http://h/\" }",
    "retention: { archive: 'S3cret=x upload' }", "notify: { command: 'https://u:S3cret@h/x' }",
    "notify: { webhook: 'https://h/services/S3cret?x=S3cret' }",
    "notify: { mail: { to: a@b, from: a@b, smtp: 'smtp://u:S3cret@127.0.0.1:9' } }",
    "fleet: { url: 'postgresql://u:S3cret@db/x' }", "admin: { listen: off, token: S3cret, actions: on }",
    "inboxes: [{ marker: S3cretS3cretS3cret }]",
  ]

  @Test func `No command shows it`() async throws {
    var runs: [(configuration: String, tree: TemporaryTree, program: SpawnedProgram)] = []
    for configuration in Self.configurations {
      let tree = TemporaryTree()
      tree.write(
        configuration + (configuration.hasPrefix("admin") ? "\n" : "\nadmin: { listen: off }\n"), to: "config.yaml")
      tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.json")
      let config = ["--config", tree.path.appending("config.yaml").string]
      let asking = [["check"], ["check", "--strict"], ["status"], ["status", "--json"], ["list"]]
      for (words, program) in try asking.map({ ($0, try SpawnedProgram($0 + config)) }) {
        let end = try await program.end()
        #expect(!(end.output + end.errors).contains("S3cret"), "\(words) of \(configuration): \(end)")
        // Each of them is of some use: it says what is wrong, or what exists.
        #expect(!(end.output + end.errors).isEmpty, "\(words) of \(configuration): \(end)")
      }
      runs.append((configuration, tree, try SpawnedProgram(["run", "--once"] + config)))
    }
    // Those whose webhook is away take a while to give up.
    for run in runs {
      let end = try await run.program.end()
      #expect(!(end.output + end.errors).contains("S3cret"), "run --once of \(run.configuration): \(end)")
    }
  }
}
