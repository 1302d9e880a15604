import CShims
import Glibc
import TestSupport

/// A separate file system in a file, whose power can be cut.
///
/// A process beside the tests unmounts it and removes the file when this value goes, or when the tests die.
final class Disk {
  enum Kind: String, CaseIterable, Sendable {
    case ext4, xfs
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Where it is mounted.
  let path: String
  private let image: String
  private var caretaker: Caretaker?
  private var root: Int32 = -1

  /// The kinds that can be created here, and why the others cannot.
  static let (usable, obstacle): ([Kind], String) = {
    guard geteuid() == 0 else { return ([], "mounting needs root") }
    guard access("/dev/loop-control", R_OK | W_OK) == 0 else { return ([], "there are no loop devices") }
    var usable: [Kind] = []
    var obstacles: [String] = []
    for kind in Kind.allCases {
      do {
        let disk = try Disk(kind)
        try disk.cutPower()
        try disk.unmount()
        usable.append(kind)
      } catch {
        obstacles.append("\(kind.rawValue) cannot be used: \(error)")
      }
    }
    if !usable.isEmpty {
      for obstacle in obstacles { print("power cuts on one file system skipped, because \(obstacle)") }
    }
    return (usable, obstacles.joined(separator: "; "))
  }()

  /// Creates one, and mounts it.
  init(_ kind: Kind) throws {
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(base)/eventdrop-disk-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(description: "no folder in \(base)") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = folder + "/mounted"
    image = folder + "/image"
    Files.makeFolder(path)
    caretaker = try Caretaker("umount -l \(path); rm -f \(image); rmdir \(path) \(folder)")
    let make = kind == .ext4 ? "truncate -s 192M $0 && mkfs.ext4 -qF $0" : "truncate -s 320M $0 && mkfs.xfs -qf $0"
    try Shell.run(make, image)
    try mount()
  }

  deinit {
    if root >= 0 { close(root) }
  }

  func mount() throws {
    try Shell.run("mount -o loop $0 $1", image, path)
    root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw Failure(description: "\(path) cannot be opened: errno \(errno)") }
  }

  /// Everything not on disk is lost from now on; nothing can be read or written any more.
  func cutPower() throws {
    guard eventdrop_shut_file_system_down(root) == 0 else {
      throw Failure(description: "FS_IOC_SHUTDOWN on \(path): errno \(errno)")
    }
  }

  /// Unmounts it; its users must have ended.
  ///
  /// A mount namespace created meanwhile keeps it as it is; mounting again would give that one, without power.
  func unmount() throws {
    close(root)
    root = -1
    try Shell.run("umount $0", path)
    try Shell.run(
      "for i in $(seq 100); do [ -z \"$(losetup -j $0)\" ] && exit 0; sleep 0.1; done; exit 1", image)
  }
}

/// A shell that waits until it is released, or until this process dies, and then cleans up.
private final class Caretaker {
  private let input: Int32
  private let process: pid_t

  init(_ tidying: String) throws {
    var ends: [Int32] = [0, 0]
    guard SpawnedProgram.connect(&ends) else { throw Disk.Failure(description: "socketpair: errno \(errno)") }
    input = ends[0]
    process = try Shell.start("trap '' INT TERM HUP; read _; { \(tidying); } 2>/dev/null", input: ends[1])
    close(ends[1])
  }

  deinit {
    close(input)
    waitpid(process, nil, 0)
  }
}

/// Commands that only exist as programs.
private enum Shell {
  /// Runs a script.
  static func run(_ script: String, _ arguments: String...) throws {
    let process = try start(script, arguments, input: nil)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw Disk.Failure(description: "'\(script)' ended with status \(status >> 8)") }
  }

  static func start(_ script: String, _ arguments: [String] = [], input: Int32?) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    var words: [UnsafeMutablePointer<CChar>?] = (["sh", "-c", script] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
    defer { for word in words + variables { free(word) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, "/bin/sh", &actions, nil, &words, &variables)
    guard status == 0 else { throw Disk.Failure(description: "posix_spawn sh: \(status)") }
    return process
  }
}
