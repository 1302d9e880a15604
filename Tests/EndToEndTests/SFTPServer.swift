import Glibc
import SystemPackage
import TestSupport

/// OpenSSH's server on its own port on loopback, with its own keys and configuration.
///
/// The user running the tests may upload. It ends with this value.
final class SFTPServer {
  struct Failure: Error {
    var what: String
  }

  private static let programs = ["/usr/sbin/sshd", "/usr/bin/sftp", "/usr/bin/ssh-keygen"]

  /// Why none can be run here; nil if one can.
  static var reasonToSkip: String? {
    for program in programs where access(program, X_OK) != 0 {
      return "skipped, because there is no \(program) (Debian: openssh-server and openssh-client)"
    }
    guard geteuid() == 0 else { return nil }
    // When run by root, the server insists on an empty folder in which to confine its unprivileged part.
    if mkdir("/run/sshd", 0o755) != 0, errno != EEXIST { return "skipped, because /run/sshd cannot be made" }
    return nil
  }

  private let tree = TemporaryTree()
  private let server: SpawnedProgram
  private let port: Int
  private let user: String
  private var clients = 0

  init() async throws {
    guard let entry = getpwuid(geteuid()) else { throw Failure(what: "this user has no name") }
    user = String(cString: entry.pointee.pw_name)
    for key in ["host", "user"] {
      let made = try await SpawnedProgram(
        ["-q", "-t", "ed25519", "-N", "", "-f", tree.path.appending(key).string], executable: "/usr/bin/ssh-keygen"
      ).end()
      guard made.code == 0 else { throw Failure(what: "no key could be made: \(made.errors)") }
    }
    // A port that was free a moment ago may be in use by now.
    for _ in 0..<20 {
      let port = try Site.freePort()
      tree.write(
        """
        ListenAddress 127.0.0.1:\(port)
        HostKey \(tree.path)/host
        AuthorizedKeysFile \(tree.path)/user.pub
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin yes
        AllowUsers \(user)
        MaxStartups 100
        PidFile none
        Subsystem sftp internal-sftp
        ForceCommand internal-sftp

        """, to: "sshd_config")
      let server = try SpawnedProgram(
        ["-D", "-e", "-f", tree.path.appending("sshd_config").string], executable: "/usr/sbin/sshd")
      if try await server.errorLine(containing: "Server listening on") != nil {
        self.server = server
        self.port = port
        tree.write("[127.0.0.1]:\(port) \(tree.readText("host.pub") ?? "")", to: "known-hosts")
        return
      }
    }
    throw Failure(what: "sshd did not start")
  }

  /// Starts a client that runs the lines one after the other, and stops at the first that fails.
  ///
  /// It sends at most this many kilobits a second.
  func client(_ lines: [String], kilobits: Int? = nil) throws -> SpawnedProgram {
    clients += 1
    let batch = "batch-\(clients)"
    tree.write(lines.joined(separator: "\n") + "\n", to: batch)
    var arguments = ["-q", "-b", tree.path.appending(batch).string, "-P", "\(port)", "-F", "none"]
    // The known hosts are a file of the test's own: OpenSSH may replace it, and must not find /dev/null there.
    for option in [
      "BatchMode=yes", "IdentitiesOnly=yes", "IdentityFile=\(tree.path)/user", "StrictHostKeyChecking=yes",
      "UserKnownHostsFile=\(tree.path)/known-hosts", "GlobalKnownHostsFile=none", "UpdateHostKeys=no", "LogLevel=ERROR",
    ] { arguments += ["-o", option] }
    if let kilobits { arguments += ["-l", "\(kilobits)"] }
    return try SpawnedProgram(arguments + ["\(user)@127.0.0.1"], executable: "/usr/bin/sftp")
  }
}
