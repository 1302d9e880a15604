package import Failures
internal import Intake
package import Settings

extension Configuration {
  /// Where reprocessed files go.
  package var reprocessingInboxes: [Reprocessing.Inbox] {
    inboxes.map { inbox in
      let patterns = NamePatterns(include: inbox.options.include, exclude: inbox.options.exclude)
      return Reprocessing.Inbox(name: inbox.name, path: inbox.path, marker: inbox.options.marker) {
        patterns.match($0)
      }
    }
  }
}
