internal import Concurrency
internal import Glibc
internal import Synchronization

/// Reports at once that something was put into a folder: renamed into it, or closed by its writer (inotify(7)).
///
/// It only ever makes a look earlier. The kernel reports nothing that other machines do on a shared file system, and it
/// drops events that it has no room for: whoever must not miss anything also looks on a schedule. Watching ends with
/// the object.
package final class FolderWatch: Sendable {
  private let watch: FolderWatches.Watch

  /// Begins to watch; nil if not only this machine's kernel may write, or the kernel watches no more folders for this
  /// user.
  ///
  /// - Parameters:
  ///   - folder: The open folder, wherever it is moved to.
  ///   - action: Called on a thread of the watches soon after each such event, once for several; it must not block.
  package init?(_ folder: Folder, _ action: @escaping @Sendable () -> Void) {
    guard folder.isOfThisMachineAlone, let watch = FolderWatches.shared?.add(folder.descriptor, action) else {
      return nil
    }
    self.watch = watch
  }

  deinit {
    FolderWatches.shared?.remove(watch)
  }
}

/// All watches of this process: one descriptor and one thread, which sleeps while nothing happens.
private final class FolderWatches: Sendable {
  struct Watch: Hashable {
    /// The kernel's number, shared by all watches of a folder and never reused.
    var folder: Int32
    var id: Int
  }

  private struct State {
    var actions: [Int32: [Int: @Sendable () -> Void]] = [:]
    var nextId = 0
  }

  /// Nil if the kernel gives this user no more inotify instances.
  static let shared = FolderWatches()

  private let descriptor: Int32
  private let state = Mutex(State())
  private static let bufferSize = 16 << 10
  /// After an event, more are awaited: thousands of events cause at most a thousand reports a second.
  private static let pause: useconds_t = 1000

  private init?() {
    descriptor = inotify_init1(Int32(IN_CLOEXEC))
    guard descriptor >= 0 else { return nil }
    startDetachedThread(named: "watch") { self.callActions() }
  }

  func add(_ folder: Int32, _ action: @escaping @Sendable () -> Void) -> Watch? {
    // The kernel's number and ours change together, because the kernel returns the existing number for a folder already
    // watched.
    state.withLock { state in
      let events = UInt32(IN_MOVED_TO) | UInt32(IN_CLOSE_WRITE)
      let number = inotify_add_watch(descriptor, "/proc/self/fd/\(folder)", events)
      guard number >= 0 else { return nil }
      state.nextId += 1
      state.actions[number, default: [:]][state.nextId] = action
      return Watch(folder: number, id: state.nextId)
    }
  }

  func remove(_ watch: Watch) {
    state.withLock { state in
      state.actions[watch.folder]?[watch.id] = nil
      guard state.actions[watch.folder]?.isEmpty ?? false else { return }
      state.actions[watch.folder] = nil
      // If the folder itself is gone, so is its watch.
      inotify_rm_watch(descriptor, watch.folder)
    }
  }

  private func callActions() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.bufferSize, alignment: MemoryLayout<inotify_event>.alignment)
    defer { buffer.deallocate() }
    while true {
      let length = read(descriptor, buffer.baseAddress, buffer.count)
      guard length > 0 || errno == EINTR else { return }
      for action in actions(for: buffer.prefix(max(length, 0))) { action() }
      usleep(Self.pause)
    }
  }

  private func actions(for events: Slice<UnsafeMutableRawBufferPointer>) -> [@Sendable () -> Void] {
    let events = UnsafeRawBufferPointer(rebasing: events)
    var folders: Set<Int32> = []
    var offset = 0
    while offset < events.count {
      let event = events.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
      folders.insert(event.wd)
      offset += MemoryLayout<inotify_event>.size + Int(event.len)
    }
    return state.withLock { state in
      // If events were dropped, nobody knows whose they were.
      let isComplete = !folders.contains(-1)
      return state.actions.filter { !isComplete || folders.contains($0.key) }.flatMap(\.value.values)
    }
  }
}
