import Glibc
import SystemPackage
import TestSupport

/// The small C programs and libraries in `Tests/StandIns`, compiled when needed.
enum StandIns {
  private static let folder = TemporaryTree(in: "/tmp")
  private static let sources =
    FilePath(#filePath).removingLastComponent().removingLastComponent().appending("StandIns").string

  /// Whether file systems with defects can be played here.
  static let areThere =
    geteuid() == 0 && access("/dev/fuse", W_OK) == 0 && built("passfuse") != nil && built("errno-rules.so") != nil

  /// The path of one of them; nil if it cannot be compiled here.
  static func built(_ name: String) -> String? {
    let path = folder.path.appending(name).string
    if access(path, R_OK) == 0 { return path }
    let isLibrary = name.hasSuffix(".so")
    let source = "\(sources)/\(isLibrary ? String(name.dropLast(3)) : name).c"
    let command = "cc -O1 \(isLibrary ? "-shared -fPIC" : "") -o '\(path)' '\(source)' -ldl >/dev/null 2>&1"
    return system(command) == 0 ? path : nil
  }
}
