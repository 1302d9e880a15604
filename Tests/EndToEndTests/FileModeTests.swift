import Glibc
import TestSupport
import Testing

/// The modes of files in eventdrop's own folders.
@Suite(.tags(.spawned)) struct FileModeTests {
  @Test(arguments: ["retry", "failed"])
  func `A failed file has the configured mode, whatever its sender's was`(folder: String) async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(site.configuration + "\nfolders: { mode: \"0755\" }\n", to: "config.yaml")
    site.tree.write(#"{"id":"1","type":"t","data":1}"#, to: "inbox/first.json")
    let environment = ["N8N_WEBHOOK_URL": ""]
    #expect(try await site.start(["--once"], environment: environment).end().code == 0)
    // One is not JSON; the other has the id of another event.
    site.tree.write(folder == "retry" ? "x" : #"{"id":"1","type":"t","data":2}"#, to: "inbox/s.json.part")
    let path = site.tree.path
    #expect(chmod("\(path)/inbox/s.json.part", 0o6777) == 0)
    site.tree.move("inbox/s.json.part", to: "inbox/s.json")
    #expect(try await site.start(["--once"], environment: environment).end().code == 1)
    for name in ["s.json", "s.json.error"] {
      var status = stat()
      #expect(stat("\(path)/\(folder)/\(name)", &status) == 0, "\(site.tree.names(folder))")
      #expect(status.st_mode & 0o7777 == 0o644, "\(String(status.st_mode, radix: 8))")
    }
  }
}
