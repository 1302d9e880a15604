import Daemon
import TestSupport
import Testing

/// The file of `check --env-file`.
@Suite(.tags(.fast)) struct EnvironmentFileTests {
  private func load(environment: [UInt8]) throws(ConfigurationFileError) {
    let tree = TemporaryTree()
    tree.write("timezone: '${ZONE}'\n", to: "config.yaml")
    tree.write(environment, to: "environment")
    _ = try ConfigurationFile("\(tree.path)/config.yaml", environmentFile: "\(tree.path)/environment").load()
  }

  @Test func `A file of which systemd would leave out variables is refused with what is wrong with it`() throws {
    let text = "ZONE=UTC\n"
    try load(environment: Array(text.utf8))
    let utf16 = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    for bytes in [Array("\u{FEFF}\(text)".utf8), [0xFF, 0xFE] + utf16, utf16, Array(text.utf8) + [0x41, 0x3D, 0xE9]] {
      let error = #expect(throws: ConfigurationFileError.self) { try load(environment: bytes) }
      #expect(error?.description.hasSuffix("/environment:1:1: \(words)") == true, "\(bytes): \(error as Any)")
    }
  }

  private let words =
    "systemd ignores some variables in this file; save it as UTF-8 without a byte order mark"
}
