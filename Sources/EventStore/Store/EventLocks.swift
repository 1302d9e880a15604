internal import Concurrency
internal import Events

/// Who is working on each event (I6): a portion holds its events while they are stored; acknowledgements share theirs,
/// because what is recorded about an earlier writing of an event is older than the next writing.
typealias EventLocks = KeyedLock<EventID>
