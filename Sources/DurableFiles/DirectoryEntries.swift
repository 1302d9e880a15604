internal import CShims
internal import Glibc

/// Parses what getdents64(2) put into a buffer, skipping `.` and `..`.
func forEachDirectoryEntry(
  in buffer: UnsafeRawBufferPointer, _ body: (FileName, FileStatus.Kind?) throws(FileFailure) -> Void
) throws(FileFailure) {
  guard let base = buffer.baseAddress else { return }
  var offset = 0
  while offset < buffer.count {
    let entry = eventdrop_entry_at(base, offset)
    offset += entry.length
    let name = FileName(entry: entry.name, length: entry.name_length)
    if name.isFolderItselfOrParent { continue }
    try body(name, FileStatus.Kind(entryType: Int32(entry.type)))
  }
}

extension FileName {
  fileprivate var isFolderItselfOrParent: Bool {
    bytes.first == 0x2E && (length == 1 || (length == 2 && bytes.last == 0x2E))
  }
}

extension FileStatus.Kind {
  fileprivate init?(entryType: Int32) {
    switch entryType {
    case Int32(DT_REG): self = .regular
    case Int32(DT_DIR): self = .folder
    case Int32(DT_LNK): self = .symbolicLink
    case Int32(DT_FIFO): self = .pipe
    case Int32(DT_SOCK): self = .socket
    case Int32(DT_UNKNOWN): return nil
    default: self = .other
    }
  }
}
