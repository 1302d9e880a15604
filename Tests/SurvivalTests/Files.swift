import Glibc

/// Files as an outsider sees them: a sender, an operator with `ls` and `mv`, a reader.
enum Files {
  /// The names in a folder, sorted; empty if it is missing.
  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The content of a file; nil if it is missing or cannot be read.
  static func content(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 15)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes += buffer[..<count]
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Writes a file, and syncs its bytes if requested.
  ///
  /// - Returns: Whether all of that was done.
  static func write(_ bytes: [UInt8], to path: String, isSynced: Bool = false) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return false }
      written += count
    }
    return !isSynced || fsync(descriptor) == 0
  }

  /// Brings the names in a folder to disk; XFS that has lost its power still reports success for the first query.
  static func sync(folder: String) -> Bool {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    return fsync(descriptor) == 0 && fstat(descriptor, &status) == 0
  }

  /// `mv`: a rename, or between file systems a copy that is on disk before the source is removed.
  static func move(_ path: String, to target: String) -> Bool {
    if rename(path, target) == 0 { return true }
    guard errno == EXDEV, let bytes = content(of: path) else { return false }
    let folder = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
    guard write(bytes, to: target + ".part", isSynced: true), rename(target + ".part", target) == 0 else {
      return false
    }
    return sync(folder: folder) && unlink(path) == 0
  }

  static func makeFolder(_ path: String) {
    mkdir(path, 0o755)
  }

  static func pause(milliseconds: Int) {
    usleep(UInt32(milliseconds) * 1000)
  }
}

/// The paths of eventdrop's folders.
struct Folders: Sendable {
  /// The parent of all of them, except those with their own place.
  let root: String
  let processed: String

  init(root: String, processed: String? = nil) {
    self.root = root
    self.processed = processed ?? root + "/processed"
  }
}

/// A day in UTC, in the form of partition names.
func day(ago days: Int) -> String {
  var moment = time(nil) - days * 86_400
  var parts = tm()
  gmtime_r(&moment, &parts)
  func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
}
