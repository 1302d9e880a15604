package import DurableFiles
package import Logging
internal import SystemPackage

/// Tries what daily work does with an inbox: a claim, and its way back.
package enum ClaimTrial {
  /// Makes a file in an inbox that no pattern takes, claims it and puts it back, and removes it.
  ///
  /// The folders that it needs must be there.
  ///
  /// - Parameters:
  ///   - inbox: The inbox's folder.
  ///   - state: The folder `state/`.
  ///   - name: The inbox's name.
  ///   - mode: The permissions of folders that are made.
  ///   - logger: What is told to the operator.
  /// - Throws: `FileFailure` of what cannot be done.
  package static func run(
    inbox: Folder, state: Folder, name: String, mode: UInt32, logger: Logger
  ) throws(FileFailure) {
    let trial = FileName(".eventdrop-check-\(UInt64.random(in: .min ... .max)).tmp")
    let file = try UnnamedFile(in: inbox, mode: mode & 0o666)
    try file.write([0x20].span)
    guard try file.publish(as: trial) else { throw FileFailure("name a file", inbox.pathText(of: trial), .fileExists) }
    let claims = ClaimFolder(of: inbox, in: state, at: ["claims", name], mode: mode, logger: logger)
    do throws(FileFailure) {
      guard let claim = try claims.claim(trial) else {
        throw FileFailure("claim", inbox.pathText(of: trial), .noSuchFileOrDirectory)
      }
      guard let back = try claims.putBack(trial, claim) else {
        throw FileFailure("put back", claim.folder.pathText(of: claim.name), .noSuchFileOrDirectory)
      }
      try inbox.remove(back)
      claims.removeIfEmpty()
    } catch {
      try? inbox.remove(trial)
      throw error
    }
  }
}
