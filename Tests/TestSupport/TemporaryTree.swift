internal import Glibc
package import SystemPackage

/// A test's own folder, containing the usual ones; it goes with this value.
package final class TemporaryTree: Sendable {
  package let path: FilePath

  /// Creates the folder.
  ///
  /// - Parameter base: Where; by default in memory, if possible: a barrier costs nothing there.
  package init(in base: String? = nil) {
    let base = base ?? (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
    var template = Array("\(base)/eventdrop-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no temporary folder can be made in \(base)") }
    path = FilePath(platformString: template)
  }

  deinit {
    removeTree(Array(path.string.utf8CString))
  }

  package var inbox: FilePath { path.appending("inbox") }
  package var processed: FilePath { path.appending("processed") }
  package var retry: FilePath { path.appending("retry") }
  package var failed: FilePath { path.appending("failed") }
  package var state: FilePath { path.appending("state") }

  /// Writes a file, and creates the folders on the way.
  package func write(_ content: some Collection<UInt8>, to file: String) {
    let target = path.pushing(FilePath(file))
    makeFolders(target.removingLastComponent())
    // Closed on exec, like everything that tests open: a program that another test starts at this moment would hold the
    // file open as long as it runs, and a drop that is held open is left alone.
    guard let stream = fopen(target.string, "wbe") else { preconditionFailure("\(target) cannot be written") }
    let bytes = Array(content)
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
  }

  package func write(_ content: String, to file: String) {
    write(Array(content.utf8), to: file)
  }

  /// Reads a file; nil if it does not exist.
  package func read(_ file: String) -> [UInt8]? {
    guard let stream = fopen(path.pushing(FilePath(file)).string, "rb") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  package func readText(_ file: String) -> String? {
    read(file).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The names in a folder, sorted; empty if it is missing.
  package func names(_ folder: String) -> [String] {
    guard let stream = opendir(path.pushing(FilePath(folder)).string) else { return [] }
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

  package func move(_ file: String, to other: String) {
    let result = rename(path.pushing(FilePath(file)).string, path.pushing(FilePath(other)).string)
    precondition(result == 0, "\(file) cannot be moved to \(other)")
  }

  package func remove(_ file: String) {
    unlink(path.pushing(FilePath(file)).string)
  }

  private func makeFolders(_ folder: FilePath) {
    guard mkdir(folder.string, 0o755) != 0, errno == ENOENT else { return }
    makeFolders(folder.removingLastComponent())
    mkdir(folder.string, 0o755)
  }
}

/// - Parameter path: NUL-terminated; the names in it may be in any encoding.
private func removeTree(_ path: [CChar]) {
  if unlink(path) == 0 { return }
  if let stream = opendir(path) {
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      if name != [0x2E, 0], name != [0x2E, 0x2E, 0] { removeTree(Array(path.dropLast()) + [0x2F] + name) }
    }
    closedir(stream)
  }
  rmdir(path)
}
