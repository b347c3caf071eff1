import Glibc
import Synchronization
import System
import Testing

@testable import Kernels

@Suite struct ProcessorCountTests {
    private typealias Affinity = @convention(c) (pid_t, Int, UnsafeMutableRawPointer) -> CInt

    /// Swift's Glibc module lacks these two.
    private static func function(_ name: String) -> Affinity? {
        dlsym(nil, name).map { unsafeBitCast($0, to: Affinity.self) }
    }

    /// As under `CPUAffinity=` or `AllowedCPUs=`: threads beyond the processors that are left would only spin on them.
    @Test func aThreadHeldToOneProcessorCountsOne() throws {
        let get = try #require(Self.function("sched_getaffinity"))
        let set = try #require(Self.function("sched_setaffinity"))
        let counts = Mutex<[Int]>([])
        try NamedThread.start("held") {
            var processors = [UInt8](repeating: 0, count: 1024)
            guard get(0, processors.count, &processors) >= 0, let first = processors.firstIndex(where: { $0 != 0 })
            else { return }
            let lowest = processors[first] & (~processors[first] &+ 1)
            for index in processors.indices { processors[index] = index == first ? lowest : 0 }
            guard set(0, processors.count, &processors) == 0 else { return }
            counts.withLock { $0.append(inferenceThreads()) }
        }.get().join()
        #expect(counts.withLock { $0 } == [1])
    }
}
