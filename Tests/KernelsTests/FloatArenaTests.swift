import Glibc
import Testing

@testable import Kernels

@Suite struct FloatArenaTests {
    /// Zeroed and aligned, and no two share memory, whichever chunk they come from.
    @Test func rowsAreZeroedAndApart() {
        let arena = FloatArena()
        var random = Random(state: 7)
        let sizes = random.floats(60).map {
            (1 + Int(abs($0) * 90), 1 + Int(abs($0 * 7919).truncatingRemainder(dividingBy: 1) * 5000))
        }
        let all = sizes.enumerated().map { index, size in
            index % 3 == 0 ? arena.makeDenseRows(size.0, width: size.1) : arena.makeRows(size.0, width: size.1)
        }
        for (index, rows) in all.enumerated() {
            #expect(UInt(bitPattern: rows.base) % 64 == 0)
            #expect((0..<rows.count).allSatisfy { rows[$0].allSatisfy { $0 == 0 } })
            rows.fill(Float(index + 1))
        }
        for (index, rows) in all.enumerated() {
            #expect((0..<rows.count).allSatisfy { rows[$0].allSatisfy { $0 == Float(index + 1) } })
        }
        #expect(arena.byteCount >= all.reduce(0) { $0 + $1.count * $1.width * 4 })
    }

    /// A batch of one stream fills an eighth of the rows, so the others must use no memory. Huge pages may round it up.
    @Test func rowsThatAreNeverFilledUseNoMemory() throws {
        let arena = FloatArena()
        let rows = arena.makeDenseRows(16384, width: 1024)
        rows[0..<512].fill(1)
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: rows.base) / UInt(page) * UInt(page))
        var states = [UInt8](repeating: 0, count: 16384 * 1024 * 4 / page)
        try #require(mincore(start, states.count * page, &states) == 0)
        let resident = states.reduce(0) { $0 + Int($1 & 1) }
        #expect(resident >= states.count / 32 && resident < states.count / 8)
    }

    /// Other tests map memory too, but hardly all that the arena left.
    @Test func whatAnArenaUsedGoesBackWithIt() throws {
        var arena: FloatArena? = FloatArena()
        let rows = try #require(arena).makeDenseRows(65536, width: 1024)
        rows[0..<4096].fill(1)
        let bytes = 65536 * 1024 * MemoryLayout<Float>.stride
        var states = [UInt8](repeating: 0, count: bytes / Int(sysconf(Int32(_SC_PAGESIZE))))
        #expect(mincore(rows.base, bytes, &states) == 0)
        arena = nil
        #expect(mincore(rows.base, bytes, &states) == -1 && errno == ENOMEM)
    }
}
