internal import SystemPackage

extension Configuration {
  /// Keys that are set to something else than their default, and that nothing in this version goes by yet.
  package var keysWithoutEffect: [String] {
    let defaults = Configuration.defaults(relativeTo: "/")
    let isWithoutEffect: [(key: String, isSet: Bool)] = [
    ]
    return isWithoutEffect.filter(\.isSet).map(\.key)
  }
}
