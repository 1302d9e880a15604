package import DurableFiles
package import Events
internal import SystemPackage

extension StorageError {
  /// What a person can do about it.
  package var adviceMessage: Message {
    switch self {
    case .files(let failure): failure.adviceMessage
    case .fleet(let failure): failure.message.advice ?? Message(StatusMessage.lookAtFleet)
    case .folderReplaced: Message(StatusMessage.folderReplaced)
    case .catalog(let error):
      switch error.code & 0xFF {
      case 13: Message(StatusMessage.makeRoomForCatalog)
      case 8, 14: Message(StatusMessage.giveRightsInState)
      case 11, 26: Message(StatusMessage.restartForCatalog)
      default: Message(StatusMessage.rebuildCatalog)
      }
    }
  }

  /// The same for the log, which is in English.
  package var advice: String { adviceMessage.text(in: .en) }
}

extension FileFailure {
  /// What a person can do about it.
  package var adviceMessage: Message {
    switch errno {
    case .noSpace: Message(StatusMessage.makeRoom)
    case .fileTooLarge: Message(StatusMessage.makeRoomForIt)
    case .diskQuotaExceeded: Message(StatusMessage.raiseQuota)
    case .readOnlyFileSystem: Message(StatusMessage.mountForWriting)
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem: Message(StatusMessage.raiseOpenFiles)
    case .permissionDenied, .notPermitted: Message(StatusMessage.giveRights)
    case .ioError: Message(StatusMessage.lookAtDisk)
    case .timedOut: Message(StatusMessage.lookAtFileSystem)
    default: Message(StatusMessage.lookAtPath)
    }
  }

  /// The same for the log, which is in English.
  package var advice: String { adviceMessage.text(in: .en) }
}
