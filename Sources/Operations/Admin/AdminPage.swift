internal import Events

/// The files of the page, built into the program.
enum AdminPage {
  struct File {
    var contentType: String
    var bytes: [UInt8]
  }

  /// The file for a path; nil if there is none.
  static func file(at path: String) -> File? {
    switch path {
    case "/": File(contentType: "text/html; charset=utf-8", bytes: PackageResources.page_html)
    case "/page.css": File(contentType: "text/css; charset=utf-8", bytes: PackageResources.page_css)
    case "/page.js": script(PackageResources.page_js)
    case "/texts.js": script(PackageResources.texts_js)
    case "/messages.js": script(messages)
    case "/tools.js": script(PackageResources.tools_js)
    case "/plots.js": script(PackageResources.plots_js)
    case "/failures.js": script(PackageResources.failures_js)
    case "/actions.js": script(PackageResources.actions_js)
    case "/events.js": script(PackageResources.events_js)
    case "/partitions.js": script(PackageResources.partitions_js)
    case "/icon.svg": File(contentType: "image/svg+xml", bytes: PackageResources.icon_svg)
    default: nil
    }
  }

  /// All messages in both languages.
  private static let messages =
    Array("\"use strict\";\nconst messages = ".utf8) + MessageBook.json + Array(";\n".utf8)

  private static func script(_ bytes: [UInt8]) -> File {
    File(contentType: "text/javascript; charset=utf-8", bytes: bytes)
  }

  /// Nothing comes from elsewhere, nothing is sent elsewhere, and no text that gets into the page can run as a script
  /// (CSP level 3).
  static let securityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    + "form-action 'none'; frame-ancestors 'none'"
}
