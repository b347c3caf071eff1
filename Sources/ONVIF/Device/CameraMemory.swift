import Synchronization

/// What was learnt of the cameras that are watched, for as long as the program runs. By the address that its owner wrote.
final class CameraMemory: Sendable {
    struct Entry: Equatable {
        /// The identity by which the camera is found again; nil if it did not say.
        var endpoint: EndpointReference?
        /// Where it answers since it has moved; nil if it has not.
        var moved: CameraAddress?
    }

    static let shared = CameraMemory()

    private let entries = Mutex<[String: Entry]>([:])

    /// Nil if the camera has never answered.
    subscript(address: CameraAddress) -> Entry? {
        get { entries.withLock { $0[address.service] } }
        set { entries.withLock { $0[address.service] = newValue } }
    }
}
