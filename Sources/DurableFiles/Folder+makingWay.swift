internal import SystemPackage

extension Folder {
  /// Renames whatever has this name to the next free name in this folder, `NAME~2`, `NAME~3`, …: nothing is opened,
  /// followed or replaced.
  ///
  /// - Parameter name: A name that this program needs for its own use.
  /// - Returns: Its new name; nil if nothing had this name.
  /// - Throws: `FileFailure`.
  @discardableResult
  package func makeWay(for name: FileName) throws(FileFailure) -> FileName? {
    for number in 2... {
      let other = FileName(bytes: name.bytes + Array("~\(number)".utf8)) ?? FileName("\(name)~\(number)")
      switch try rename(name, to: self, as: other) {
      case .done:
        try sync()
        return other
      case .missing: return nil
      case .nameTaken: continue
      case .otherFileSystem: throw FileFailure("move", pathText(of: name), .improperLink)
      }
    }
    return nil
  }
}
