/// Why a dropped file cannot be read, or what it seems to be.
package enum ContentMessage: String, MessageCode {
  // The file.
  case tooLarge = "file-too-large"
  case notAnArray = "large-file-not-an-array"
  case notARegularFile = "not-a-regular-file"
  case notARegularFileInRetry = "not-a-regular-file-in-retry"
  case putBack = "put-back-under-another-name"
  case symbolicLink = "kind-symbolic-link"
  case folder = "kind-folder"
  case pipe = "kind-pipe"
  case socket = "kind-socket"
  case device = "kind-device"
  case hardLinks = "kind-hard-links"
  case orphaned = "orphaned"
  // What it seems to be.
  case seems = "file-seems"
  case gzip = "file-is-gzip"
  case archive = "file-is-archive"
  case otherPacking = "file-is-packed-otherwise"
  case packedTwice = "file-is-packed-twice"
  case wideCharset = "file-is-in-charset"
  case utf8 = "file-is-utf8"
  case html = "file-is-html"
  case xml = "file-is-xml"
  case pdf = "file-is-pdf"
  case ebcdic = "file-is-ebcdic"
  case notUTF8 = "file-is-not-utf8"
  case table = "file-is-table"
  case tabTable = "file-is-table-with-tabs"
  case unpackedJSON = "file-is-not-packed"
  case lines = "file-has-lines"
  case lineNotUTF8 = "line-is-not-utf8"
  case afterStored = "events-before-are-stored"
  case afterRead = "events-before-would-be-stored"
  // gzip.
  case noMemory = "gzip-no-memory"
  case notGzip = "not-gzip"
  case damagedGzip = "gzip-damaged"
  case cutGzip = "gzip-cut"
  case emptyGzip = "gzip-empty"
  case afterGzip = "gzip-more-after"
  // Character sets.
  case unknownCharset = "charset-unknown"
  case notInCharset = "not-in-charset"
  case charsetCut = "charset-cut"
  case charsetInvalid = "charset-invalid-bytes"
  case charsetLong = "charset-long-character"
  case charsetStuck = "charset-not-convertible"

  package var arguments: [String] {
    switch self {
    case .tooLarge: ["bytes", "limit"]
    case .notARegularFile, .notARegularFileInRetry: ["kind"]
    case .hardLinks: ["links"]
    case .orphaned: ["inbox", "folder"]
    case .seems: ["what", "why"]
    case .archive, .otherPacking, .packedTwice: ["format"]
    case .wideCharset: ["name", "charset"]
    case .utf8, .unknownCharset: ["charset"]
    case .table: ["separator"]
    case .lineNotUTF8: ["why"]
    case .afterStored, .afterRead: ["why", "events"]
    case .notGzip: ["why"]
    case .damagedGzip: ["bytes", "why"]
    case .cutGzip, .afterGzip: ["bytes"]
    case .notInCharset: ["charset", "why"]
    case .charsetInvalid, .charsetLong, .charsetStuck: ["offset"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .tooLarge:
      MessageWords(
        "the file has {bytes} bytes or more, which is more than maxFileSize allows ({limit}). Raise it, or drop the events as"
          + " a .jsonl file, which has no limit")
    case .notAnArray: "the file is not an array, and one event has at most a few MiB (maxEventSize)"
    case .notARegularFile:
      MessageWords(
        "this is {kind}, which is never opened, as it could lead to what nobody meant to drop. Drop a copy of the file"
          + " instead")
    case .notARegularFileInRetry:
      "this is {kind}, which is never opened. Drop a copy of the file instead, or take it away"
    case .putBack:
      "this file was put back under another name, as another file has its own by now; it is taken as usual"
    case .symbolicLink: "a symbolic link"
    case .folder: "a folder"
    case .pipe: "a pipe"
    case .socket: "a socket"
    case .device: "a device"
    case .hardLinks: "a file with {links|1 name|# names} (hard links)"
    case .orphaned:
      MessageWords(
        "this file was claimed from the inbox '{inbox}', which is not in the configuration any more, and cannot be put back"
          + " into its folder ({folder}). Move it into an inbox")
    case .seems: "{what} ({why})"
    case .gzip: "the file is packed with gzip; give its name the ending .gz"
    case .archive: "the file is a {format} archive; unpack it before it is dropped"
    case .otherPacking:
      "the file is packed with {format}; unpack it before it is dropped, or pack it with gzip"
    case .packedTwice: "the file is packed twice, the second time as {format}; unpack it before it is dropped"
    case .wideCharset: "the file looks like {name}; set charset: {charset} for this inbox"
    case .utf8: "the file looks like UTF-8, and the charset of this inbox is {charset}; set charset: utf-8"
    case .html:
      "the file looks like an HTML page, such as an error that a server answered to the sender; send JSON"
    case .xml: "the file looks like XML; have its sender write JSON, or convert it first"
    case .pdf: "the file is a PDF; only JSON is taken"
    case .ebcdic: "the file looks like EBCDIC; set charset: ibm-1047 (or ibm-037) for this inbox"
    case .notUTF8:
      "the file is not in UTF-8; if it was written on Windows, set charset: windows-1252 for this inbox"
    case .table:
      "the file looks like a table (CSV, with {separator} between columns); have its sender write JSON, or convert it first"
    case .tabTable:
      "the file looks like a table (CSV, with a tab between columns); have its sender write JSON, or convert it first"
    case .unpackedJSON: "the file is JSON that is not packed; take the .gz off its name"
    case .lines: "the file has one event a line; give its name the ending .jsonl"
    case .lineNotUTF8:
      "{why}. The line is not in UTF-8; if it was written on Windows, set charset: windows-1252 for this inbox"
    case .afterStored: "{why}. {events|The event before that is stored|The # events before that are stored}"
    case .afterRead:
      "{why}. {events|The event before that would be stored|The # events before that would be stored}"
    case .noMemory: "there is not enough memory to unpack the file"
    case .notGzip: "the file is not packed with gzip as its name says: {why}"
    case .damagedGzip: "the packed file is damaged behind {bytes} unpacked bytes: {why}. Have it sent again"
    case .cutGzip:
      "the packed file ends in the middle, behind {bytes} unpacked bytes; perhaps its upload was broken off"
    case .emptyGzip: "the packed file is empty; perhaps its upload was broken off"
    case .afterGzip:
      "behind the packed data, which are whole and have {bytes} unpacked bytes, there is something that is not; cut it off"
    case .unknownCharset: "this system cannot convert from the charset '{charset}'"
    case .notInCharset:
      "the file is not in the charset of its inbox, {charset}: {why}. Look at what the sender writes"
    case .charsetCut: "it ends in the middle of a character"
    case .charsetInvalid: "the bytes at offset {offset} are not a character in that charset"
    case .charsetLong: "a character is longer than any should be, at offset {offset}"
    case .charsetStuck: "it cannot be converted, at offset {offset}"
    }
  }
}
