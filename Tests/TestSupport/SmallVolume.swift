internal import Glibc

/// A separate small file system to fill up; it is unmounted with this value.
///
/// Mounting requires root: see `reasonToSkip`.
package final class SmallVolume: Sendable {
  package enum Kind: Sendable {
    /// In memory, with room for this many files.
    case memory(files: Int)
    /// ext4 in a file in memory, where a write may notice late that there is no room.
    case ext4
  }

  /// Where it is mounted.
  package let path: String
  private let image: String?

  /// Why none is available here; nil if one is.
  package static var reasonToSkip: String? {
    geteuid() == 0 ? nil : "skipped, because mounting a file system takes root"
  }

  /// Creates and mounts one.
  ///
  /// - Returns: Nil if this machine does not allow it.
  package init?(_ kind: Kind, bytes: Int) {
    var template = Array("/dev/shm/eventdrop-volume-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let command: String
    switch kind {
    case .memory(let files):
      image = nil
      command = "mount -t tmpfs -o size=\(bytes),nr_inodes=\(files) none \(path)"
    case .ext4:
      image = path + ".img"
      command = "truncate -s \(bytes) \(path).img && mkfs.ext4 -qF \(path).img && mount -o loop \(path).img \(path)"
    }
    guard system("( \(command) ) >/dev/null 2>&1") == 0 else {
      rmdir(path)
      if let image { unlink(image) }
      return nil
    }
  }

  deinit {
    // Lazily: a process that is being killed may still have something open.
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
    if let image { unlink(image) }
  }

  /// Fills it up.
  ///
  /// - Parameter left: How many bytes are left free.
  package func fill(leaving left: Int) {
    let file = open(path + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    let zeros = [UInt8](repeating: 0, count: 4096)
    while free.bytes > left, write(file, zeros, zeros.count) == zeros.count { fsync(file) }
  }

  /// Creates empty files until only this many more are possible.
  package func fillFiles(leaving left: Int) {
    mkdir(path + "/fillers", 0o700)
    var number = 0
    while free.files > left {
      number += 1
      let file = open(path + "/fillers/\(number)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      if file < 0 { return }
      close(file)
    }
  }

  /// Removes what filled it.
  package func makeRoom() {
    _ = system("rm -rf \(path)/filler \(path)/fillers")
  }

  private var free: (bytes: Int, files: Int) {
    var result = statvfs()
    statvfs(path, &result)
    return (Int(result.f_bavail) * Int(result.f_frsize), Int(result.f_favail))
  }
}
