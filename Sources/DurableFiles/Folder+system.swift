internal import Synchronization
internal import SystemPackage

extension Folder {
  /// Whether only this machine's kernel can change the folder's file system.
  ///
  /// Only then does a lease show whether somebody writes to a file, and only then do its times come from our clock.
  /// Every kind not known to be local counts as shared: NFS, CIFS, FUSE, 9p, Ceph, cluster file systems, and future
  /// ones.
  package var isOfThisMachineAlone: Bool {
    isLocal.withLock { known in
      if let known { return known }
      guard let type = try? files.fileSystemType(descriptor) else { return false }
      let isLocal = isLocalFileSystem(type)
      // An open folder stays on its file system.
      known = isLocal
      return isLocal
    }
  }

  /// The current time according to the folder's file system, in nanoseconds since 1970; nil if that is unknown.
  package func fileSystemTime() -> Int64? {
    guard let file = try? files.openUnnamed(descriptor, mode: 0o600) else { return nil }
    defer { files.close(file) }
    return (try? files.status(file))?.changed
  }

  /// Whether this process may create and remove names in it, as far as can be known.
  package var mayChangeNames: Bool { (try? files.mayChangeNames(in: descriptor)) ?? true }

  /// Whether an entry's error concerns the whole folder, or the machine, so that other entries would fail too.
  package func isConcerned(by error: FileFailure) -> Bool {
    guard !error.isOfTheMachine, (try? status()) != nil else { return true }
    return [.permissionDenied, .notPermitted].contains(error.errno) && !mayChangeNames
  }

  /// Whether a name of this folder can be moved to another one with the present mounts; nothing is moved.
  ///
  /// The kernel checks the mounts before it looks up the name (rename(2), EXDEV).
  package func sharesMount(with other: Folder) -> Bool {
    let nothing = FileName(".eventdrop-\(UInt64.random(in: .min ... .max))")
    do {
      try files.rename(descriptor, nothing, other.descriptor, nothing)
      return true
    } catch {
      return error != .improperLink
    }
  }
}

/// Whether no other machine and no other process can hold up or change a file system of this type.
func isLocalFileSystem(_ type: UInt64) -> Bool { localFileSystems.contains(type) }

/// The type of file systems that a program serves (FUSE_SUPER_MAGIC, linux/magic.h).
let fileSystemsOfPrograms: UInt64 = 0x6573_5546

/// By the magic numbers of statfs(2) and linux/magic.h.
private let localFileSystems: Set<UInt64> = [
  // ext2, ext3, ext4; XFS; Btrfs; F2FS; bcachefs; JFS; ReiserFS; NILFS; ZFS
  0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0xCA45_1A4E, 0x3153_464A, 0x5265_4973, 0x3434, 0x2FC1_2FC1,
  // tmpfs; ramfs; overlayfs; eCryptfs
  0x0102_1994, 0x8584_58F6, 0x794C_7630, 0xF15F,
  // FAT; exFAT; NTFS of the kernel; HFS+; UDF
  0x4D44, 0x2011_BAB0, 0x7366_746E, 0x5346_544E, 0x482B, 0x1501_3346,
]
