package import Capture
import ONVIF
import Synchronization

/// The daemon's consumers of a source that a capture process reads, and what it keeps for the source's next process.
package struct RemoteTaps: Sendable {
    package var newest: PictureTap?
    package var history: PictureHistory?
    package var clips: RemoteClips?
    package var camera: RemoteCamera?

    package init(
        newest: PictureTap? = nil,
        history: PictureHistory? = nil,
        clips: RemoteClips? = nil,
        camera: RemoteCamera? = nil
    ) {
        self.newest = newest
        self.history = history
        self.clips = clips
        self.camera = camera
    }
}

/// What a source's processes have learnt of the camera that its `onvif://` URL names. It is handed to the next process of the
/// same source, and to no other: where one of them has been led astray, no other's password follows.
package final class RemoteCamera: Sendable {
    private let kept = Mutex<CameraMemory.Note?>(nil)

    package init() {}

    var note: CameraMemory.Note? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}

/// What clips of a stream can be cut from: the process that reads its source keeps the packets. So nothing that a camera
/// sends is parsed in the daemon.
///
/// The process of a connection that has ended is kept until the next one has opened, and as long as a clip of it is due.
package final class RemoteClips: Sendable {
    let length: Duration
    private let child = Mutex<CaptureChild?>(nil)

    /// - Parameter length: the time to cover.
    package init(length: Duration) { self.length = length }

    /// The process that keeps packets now; nil if clips cannot be cut from this kind of source.
    package var source: (any ClipSource)? { child.withLock { $0 } }

    func begin(_ new: CaptureChild?) {
        let old = child.withLock { child in
            defer { child = new }
            return child
        }
        // Its end takes a moment, and not under the lock.
        withExtendedLifetime(old) {}
    }

    func holds(_ one: CaptureChild) -> Bool { child.withLock { $0 === one } }

    /// Lets go of a process that is of no more use.
    func drop(_ one: CaptureChild) { if holds(one) { begin(nil) } }
}
