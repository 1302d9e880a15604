internal import DurableFiles

/// Files that turned out too large for the available room once read, and how much they need: each is read again only if
/// there is that much.
struct RoomShortages {
  private struct Need {
    var status: Int
    /// In bytes.
    var size: Int
    var look: UInt32
  }

  private var needs: [FileKey: Need] = [:]
  private var look: UInt32 = 0
  /// Beyond this, files are read each time.
  private static let limit = 100_000

  /// How many bytes a file is known to need; 0 if it has not been read.
  mutating func need(of name: FileName, _ status: FileStatus) -> Int {
    guard !needs.isEmpty, var need = needs[FileKey(name)], need.status == status.hashValue else { return 0 }
    need.look = look
    needs[FileKey(name)] = need
    return need.size
  }

  mutating func note(_ name: FileName, _ status: FileStatus, needs size: Int) {
    guard needs.count < Self.limit else { return }
    needs[FileKey(name)] = Need(status: status.hashValue, size: size, look: look)
  }

  /// To be called before the files of a look are checked; what the last look did not check is forgotten.
  mutating func beginLook() {
    if !needs.isEmpty { needs = needs.filter { $0.value.look == look } }
    look &+= 1
  }
}
