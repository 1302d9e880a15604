package import DurableFiles
package import Events
package import SystemPackage
internal import Time

/// One inbox: what the configuration says about it.
package struct InboxOptions: Hashable, Sendable {
  package var name: String
  package var path: FilePath
  /// How long a file must have been unchanged.
  package var settle: Duration
  /// The ending appended to a file's name for the marker that says that it is complete.
  package var marker: String?
  package var include: [String]
  package var exclude: [String]
  /// Whether its sub-folders are inboxes as well.
  package var recursive: Bool
  /// The character set of its files.
  package var charset: Charset
  package var mapping: EventMapping
  /// For a file that is read as a whole, in bytes.
  package var maxFileSize: Int
  /// The largest number of events stored with one barrier.
  package var portion: Int

  /// How long a file must have been quiet before it is assumed that nobody writes to it, if the kernel cannot say.
  static let quietTime = Duration.seconds(60)

  /// How long a dropped record must have been quiet before it is removed, while it is in its partition too.
  ///
  /// `mv` from another file system copies a record and then removes the original: for a moment it is a duplicate of
  /// itself.
  static let moveTime = Duration.seconds(5)

  /// Whether it matters if a file is still being written when it is read.
  ///
  /// A file of lines can be read wherever its writer has got to, and later writes are lost once it is removed; a part
  /// of any other file is invalid JSON and is kept. If files are to be taken at once, or have markers, this is up to
  /// the senders.
  func needsQuiet(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    settle > .zero && marker == nil && DropFormat.of(fileName: name).format == .lines
  }

  /// How long a file must have been quiet before it is opened.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - isOfThisMachineAlone: Whether the kernel can say who writes to it.
  /// - Returns: The time; zero if it is opened at once.
  package func settleTime(_ name: FileName, isOfThisMachineAlone: Bool) -> Duration {
    needsQuiet(name.bytes) && !isOfThisMachineAlone ? max(settle, Self.quietTime) : settle
  }

  package init(
    name: String, path: FilePath, settle: Duration, marker: String? = nil, include: [String], exclude: [String],
    recursive: Bool = false, charset: Charset = .utf8, mapping: EventMapping, maxFileSize: Int, portion: Int
  ) {
    self.name = name
    self.path = path
    self.settle = settle
    self.marker = marker
    self.include = include
    self.exclude = exclude
    self.recursive = recursive
    self.charset = charset
    self.mapping = mapping
    self.maxFileSize = maxFileSize
    self.portion = portion
  }
}
