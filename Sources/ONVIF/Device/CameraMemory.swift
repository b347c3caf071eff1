import Synchronization

/// What was learnt of the cameras that are watched, for as long as the program runs. By the address that its owner wrote.
package final class CameraMemory: Sendable {
    struct Entry: Equatable {
        /// The identity by which the camera is found again; nil if it did not say.
        var endpoint: EndpointReference?
        /// Where it answers since it has moved; nil if it has not.
        var moved: CameraAddress?
    }

    /// An entry for another process.
    package struct Note: Sendable, Equatable {
        /// The camera's identity.
        package var endpoint: String?
        /// The address of its device service since it has moved.
        package var service: String?

        package init(endpoint: String?, service: String?) {
            self.endpoint = endpoint
            self.service = service
        }
    }

    package static let shared = CameraMemory()

    private let entries = Mutex<[String: Entry]>([:])

    /// Nil if the camera has never answered.
    subscript(address: CameraAddress) -> Entry? {
        get { entries.withLock { $0[address.service] } }
        set { entries.withLock { $0[address.service] = newValue } }
    }

    /// What is known of the camera that a URL names; nil if it has never answered.
    package subscript(url: String) -> Note? {
        get {
            let entry = CameraAddress(url).flatMap { self[$0] }
            return entry.map { Note(endpoint: $0.endpoint?.text, service: $0.moved?.service) }
        }
        set {
            guard let newValue, let address = CameraAddress(url) else { return }
            var moved = newValue.service.flatMap { CameraAddress(service: $0) }
            moved?.login = address.login
            self[address] = Entry(endpoint: newValue.endpoint.flatMap { EndpointReference($0) }, moved: moved)
        }
    }
}
