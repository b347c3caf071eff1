import CIsolation
import Capture
import Glibc
import System

/// The memory through which pictures come from a capture process: some slots, each with a picture's inputs, the newest small
/// picture and the one for events. Whoever a slot belongs to is settled by messages, so nothing in it is read as a number.
///
/// Its size is sealed: the other side cannot cut it off under a reader. Pages that no picture touches cost nothing.
///
/// `@unchecked Sendable`: a slot is used by the side and the thread that it belongs to.
final class PictureMemory: @unchecked Sendable {
    /// One is written, one is copied, one waits.
    static let slotCount = 3

    let descriptor: FileDescriptor
    private let memory: UnsafeMutableRawPointer
    private let byteCount: Int
    private let inputBytes: Int
    private let newestBytes: Int
    private let slotBytes: Int

    /// Makes the memory.
    ///
    /// - Throws: the error number if there is none left.
    convenience init(inputBytes: Int, newestWidest: Int) throws(Errno) {
        let layout = Self.layout(inputBytes, newestWidest)
        let file = isolation_shared_memory("watchword-pictures", layout.slot * Self.slotCount)
        guard file >= 0 else { throw .last }
        try self.init(mapping: file, inputBytes: inputBytes, newestWidest: newestWidest)
    }

    /// Maps memory that the other side has made.
    ///
    /// - Parameter file: is owned from here on.
    init(mapping file: Int32, inputBytes: Int, newestWidest: Int) throws(Errno) {
        descriptor = FileDescriptor(owning: file)
        let layout = Self.layout(inputBytes, newestWidest)
        (self.inputBytes, newestBytes, slotBytes) = (layout.input, layout.newest, layout.slot)
        byteCount = layout.slot * Self.slotCount
        let mapped = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.raw, 0)
        guard let mapped, mapped != MAP_FAILED else { throw .last }
        memory = mapped
    }

    deinit { munmap(memory, byteCount) }

    func input(_ slot: Int) -> UnsafeMutableRawBufferPointer { part(slot, 0, inputBytes) }

    func newest(_ slot: Int) -> UnsafeMutableRawBufferPointer { part(slot, inputBytes, newestBytes) }

    func history(_ slot: Int) -> UnsafeMutableRawBufferPointer {
        part(slot, inputBytes + newestBytes, slotBytes - inputBytes - newestBytes)
    }

    private func part(_ slot: Int, _ offset: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition((0..<Self.slotCount).contains(slot), "a slot's number was checked when it was read")
        return UnsafeMutableRawBufferPointer(start: memory + slot * slotBytes + offset, count: count)
    }

    private static func layout(_ inputBytes: Int, _ newestWidest: Int) -> (input: Int, newest: Int, slot: Int) {
        let pages = { (count: Int) in (count + 4095) & ~4095 }
        let (input, newest) = (pages(inputBytes), pages(PlanarPicture.mostBytes(widest: newestWidest)))
        return (input, newest, input + newest + pages(PlanarPicture.mostBytes(widest: PictureHistory.widest)))
    }
}
