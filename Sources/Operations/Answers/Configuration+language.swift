package import Events
package import Settings

extension Configuration {
  /// In which people are told something; the log is in English.
  package var messageLanguage: Events.Language { Events.Language(rawValue: language.rawValue) ?? .en }
}
