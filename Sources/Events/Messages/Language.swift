/// A language in which people are told something; its raw value is as `language` in the configuration has it.
package enum Language: String, CaseIterable, Sendable {
  case en, fr
}
