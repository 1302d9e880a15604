internal import Time

extension Schedule {
  /// A schedule written in this room's code.
  static func `default`(_ text: String) -> Schedule {
    do {
      return try Schedule([text])
    } catch {
      preconditionFailure("'\(text)', a default, is not a schedule: \(error)")
    }
  }
}
