import Glibc
import TestSupport
import Testing

/// People are notified by mail, and nobody else learns the password.
@Suite(.tags(.spawned), .timeLimit(.minutes(2))) struct MailTests {
  /// What AUTH PLAIN sends for `op` and `s3cret` (RFC 4616).
  private static let secret = "AG9wAHMzY3JldA=="

  private func site(_ smtp: String) async throws -> Site {
    let site = try await Site(hasSink: false)
    site.tree.write(
      """
      notify:
        mail: { to: [a@example.com, b@example.com], from: eventdrop@example.com, smtp: "\(smtp)" }
      """, to: "config.yaml")
    return site
  }

  /// Sends a test; if a bundle of authorities is given, it replaces the system's for this program only.
  private func test(_ site: Site, trusting bundle: String? = nil) async throws -> SpawnedProgram.End {
    let arguments = ["notify", "--test", "--config", "\(site.tree.path)/config.yaml"]
    guard let bundle else { return try await SpawnedProgram(arguments).end() }
    // If others could see the mount, as in a chroot, it is gone for them as well once the program has ended.
    let script = """
      mount --make-rprivate / 2>/dev/null
      mount --bind "$1" "$2" || exit 77
      bundle=$2
      shift 2
      "$@"
      code=$?
      umount "$bundle"
      exit $code
      """
    return try await SpawnedProgram(
      ["-m", "--propagation", "unchanged", "sh", "-c", script, "sh", bundle, Self.bundle]
        + [SpawnedProgram.path(of: "eventdrop")] + arguments, executable: Self.unshare
    ).end()
  }

  private static let bundle = "/etc/ssl/certs/ca-certificates.crt"
  private static let unshare = "/usr/bin/unshare"

  /// Whether a program can be given its own authorities.
  private static func canLend() async throws -> Bool {
    guard Certificates.openssl != nil, access(bundle, F_OK) == 0, access(unshare, X_OK) == 0 else { return false }
    let arguments = ["-m", "--propagation", "unchanged", "sh", "-c", #"mount --bind "$1" "$1" && umount "$1""#]
    return try await SpawnedProgram(arguments + ["sh", bundle], executable: unshare).end().code == 0
  }

  @Test func `A server gets the mail, for all who are to get it`() async throws {
    let server = try MailReceiver.plain()
    let end = try await test(site("127.0.0.1:\(server.port)"))
    #expect(end.code == 0 && end.output == "sent    mail\n", "\(end)")
    let received = try await server.wait()
    #expect(
      received.commands.filter { $0.hasPrefix("MAIL") || $0.hasPrefix("RCPT") }.map { $0.prefix { $0 != ">" } } == [
        "MAIL FROM:<eventdrop@example.com", "RCPT TO:<a@example.com", "RCPT TO:<b@example.com",
      ])
    #expect(received.isWhole && received.mail.contains("From: eventdrop@example.com"))
    #expect(received.mail.contains("To: a@example.com, b@example.com"))
    #expect(received.mail.contains { $0.hasPrefix("Subject: eventdrop on ") })
    let head = received.mail.prefix { !$0.isEmpty }
    #expect(received.mail.dropFirst(head.count + 1).first?.hasPrefix("eventdrop on ") == true)
  }

  @Test func `A password goes to a server of this machine as it is`() async throws {
    let server = try MailReceiver.plain()
    let end = try await test(site("smtp://op:s3cret@127.0.0.1:\(server.port)"))
    #expect(end.code == 0, "\(end)")
    let received = try await server.wait()
    #expect(received.isWhole && received.commands.contains { $0.hasSuffix(Self.secret) })
  }

  @Test func `A password goes to no other server without TLS`() async throws {
    let server = try MailReceiver.plain()
    // An address of this machine that does not look like one.
    let end = try await test(site("smtp://op:s3cret@0.0.0.0:\(server.port)"))
    #expect(end.code == 1 && end.output.hasPrefix("failed  mail: ") && !"\(end)".contains("s3cret"), "\(end)")
    let received = try await server.wait()
    #expect(received.mail.isEmpty && !received.commands.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
  }

  @Test func `Why a server refuses is reported`() async throws {
    let server = try MailReceiver.plain(refusal: "550 nobody of that name")
    let end = try await test(site("127.0.0.1:\(server.port)"))
    #expect(end.code == 1 && end.output.hasPrefix("failed  mail: ") && end.output.contains("550"), "\(end)")
    #expect(try await server.wait().mail.isEmpty)
  }

  @Test(
    .enabled(if: Certificates.openssl != nil, "skipped, because there is no openssl; apt-get install openssl brings it")
  )
  func `A server that nobody vouches for gets no password`() async throws {
    let server = try await MailReceiver.secure(Certificates())
    let end = try await test(site("smtps://op:s3cret@127.0.0.1:\(server.port)"))
    #expect(end.code == 1 && end.output.hasPrefix("failed  mail: ") && !"\(end)".contains("s3cret"), "\(end)")
    let received = try await server.end()
    #expect(received.commands.isEmpty && received.mail.isEmpty)
  }

  @Test(
    .enabled("skipped, because it takes openssl, and root to lend a program other authorities than \(bundle)") {
      try await canLend()
    })
  func `A server that somebody vouches for gets the mail over TLS`() async throws {
    let certificates = try await Certificates()
    let server = try await MailReceiver.secure(certificates)
    let end = try await test(site("smtps://op:s3cret@127.0.0.1:\(server.port)"), trusting: certificates.authority)
    #expect(end.code == 0 && end.output == "sent    mail\n", "\(end)")
    let received = try await server.end()
    #expect(received.isWhole && received.commands.contains { $0.hasSuffix(Self.secret) })
  }
}
