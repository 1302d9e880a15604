internal import SystemPackage

/// A file that only grows: a journal.
package struct AppendedFile: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private let files: any FileOperations

  /// Opens a file for appending; creates it if it is missing.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Where it is.
  ///   - mode: Its permissions if it is created.
  /// - Throws: `FileFailure`.
  package init(_ name: FileName, in folder: Folder, mode: UInt32) throws(FileFailure) {
    let opened: Int32
    do {
      opened = try folder.files.open(folder.descriptor, name, .appending(mode: mode))
    } catch {
      throw FileFailure("open", folder.pathText(of: name), error)
    }
    descriptor = opened
    path = folder.pathText(of: name)
    files = folder.files
  }

  deinit {
    files.close(descriptor)
  }

  /// Its size in bytes.
  ///
  /// - Throws: `FileFailure`.
  package func size() throws(FileFailure) -> Int {
    do {
      return try files.status(descriptor).size
    } catch {
      throw FileFailure("look at", path, error)
    }
  }

  /// Appends lines and waits until they are on disk; if that fails, the file keeps its former length.
  ///
  /// If the last line lacks its newline, after a power cut or an edit, it gets one first.
  ///
  /// - Parameter lines: Whole lines; empty to end the last line only.
  /// - Throws: `FileFailure`.
  package func append(_ lines: [UInt8]) throws(FileFailure) {
    let before = try size()
    do throws(Errno) {
      try write(endsInNewline(before) ? lines : [0x0A] + lines)
      try files.sync(descriptor)
    } catch {
      try? files.truncate(descriptor, to: before)
      throw FileFailure("append to", path, error)
    }
  }

  /// Whether the file is empty or its last line ends in a newline.
  ///
  /// - Throws: `FileFailure`.
  package func isLineEnded() throws(FileFailure) -> Bool {
    let size = try size()
    do {
      return try endsInNewline(size)
    } catch {
      throw FileFailure("read", path, error)
    }
  }

  /// Whether the file, of this size, is empty or ends in a newline.
  private func endsInNewline(_ size: Int) throws(Errno) -> Bool {
    guard size > 0 else { return true }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
    defer { buffer.deallocate() }
    return try files.read(descriptor, at: size - 1, buffer) == 1 && buffer[0] == 0x0A
  }

  /// Truncates the file to this many bytes.
  ///
  /// - Throws: `FileFailure`.
  package func truncate(to size: Int) throws(FileFailure) {
    do {
      try files.truncate(descriptor, to: size)
      try files.sync(descriptor)
    } catch {
      throw FileFailure("cut off", path, error)
    }
  }

  private func write(_ bytes: [UInt8]) throws(Errno) {
    var written = 0
    while written < bytes.count {
      var failure: Errno?
      written += bytes.withUnsafeBytes { whole in
        do throws(Errno) {
          return try files.write(descriptor, UnsafeRawBufferPointer(rebasing: whole[written...]))
        } catch {
          failure = error
          return 0
        }
      }
      if let failure { throw failure }
    }
  }
}
