internal import Glibc
internal import SystemPackage

/// Certificates that a test creates for itself, from an authority that nobody else trusts.
package struct Certificates: Sendable {
  /// The program that creates them; nil if it is missing.
  package static let openssl = ["/usr/bin/openssl", "/bin/openssl", "/usr/local/bin/openssl"].first { (path: String) in
    access(path, X_OK) == 0
  }

  /// One of each kind of server, and a client.
  package enum Name: String, CaseIterable {
    case server, elsewhere, expired, client
  }

  private let tree: TemporaryTree

  package var authority: String { path("ca.pem") }
  package func certificate(_ name: Name) -> String { path("\(name.rawValue).pem") }
  package func key(_ name: Name) -> String { path("\(name.rawValue).key") }

  private func path(_ file: String) -> String { tree.path.appending(file).string }

  /// Creates an authority and what it signs.
  package init() async throws {
    tree = TemporaryTree()
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    // Our own settings file, because some machines lack the system's.
    tree.write(
      """
      [req]
      distinguished_name = name
      [name]
      [v3_ca]
      basicConstraints = critical, CA:true
      [authority]
      database = \(path("index.txt"))
      new_certs_dir = \(tree.path)
      rand_serial = yes
      default_md = sha256
      policy = policy
      [policy]
      commonName = supplied

      """, to: "openssl.cnf")
    tree.write("", to: "index.txt")
    try await run(
      ["req", "-x509", "-config", path("openssl.cnf"), "-extensions", "v3_ca", "-subj", "/CN=ca", "-days", "2"] + key
        + ["-keyout", path("ca.key"), "-out", authority])
    for name in Name.allCases {
      tree.write(
        "subjectAltName=\(name == .elsewhere ? "DNS:n8n.example" : "IP:127.0.0.1")\n", to: "\(name.rawValue).cnf")
      try await run(
        ["req", "-new", "-config", path("openssl.cnf"), "-subj", "/CN=\(name.rawValue)"] + key
          + ["-keyout", self.key(name), "-out", path("\(name.rawValue).csr")])
      // x509(1) refuses an end before the start; ca(1) accepts both as given.
      try await run(
        [
          "ca", "-batch", "-notext", "-config", path("openssl.cnf"), "-name", "authority", "-cert", authority,
          "-keyfile", path("ca.key"), "-in", path("\(name.rawValue).csr"), "-out", certificate(name),
          "-extfile", path("\(name.rawValue).cnf"),
        ] + (name == .expired ? ["-startdate", "200101000000Z", "-enddate", "200102000000Z"] : ["-days", "2"]))
    }
  }

  private func run(_ arguments: [String]) async throws {
    let end = try await SpawnedProgram(arguments, executable: Self.openssl).end()
    guard end.code == 0 else { throw Failure(what: end.errors) }
  }

  package struct Failure: Error {
    package var what: String

    package init(what: String) {
      self.what = what
    }
  }
}
