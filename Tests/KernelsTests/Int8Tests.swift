import CAllocationCount
import Foundation
import Testing

@testable import Kernels

/// Products of weights in int8, on every kernel of this processor. Tests/Processors runs the others under emulators.
@Suite struct Int8Tests {
    static let kernels = Int8Kernel.allCases.filter(\.isAvailable)

    private func backend(_ kernel: Int8Kernel) -> KernelBackend { KernelBackend(floats: .best, int8: kernel) }

    private func bits(_ rows: Rows) -> [[UInt32]] { (0..<rows.count).map { rows[$0].map(\.bitPattern) } }

    private func bits(_ values: [[Float]]) -> [[UInt32]] { values.map { $0.map(\.bitPattern) } }

    /// Rows of one sign, of zeros and with one great value among others.
    private func lopsided(_ index: Int, _ row: [Float]) -> [Float] {
        switch index % 5 {
        case 1: row.map { abs($0) + 1 }
        case 2: row.map { _ in 0 }
        case 3: row.map { -abs($0) }
        case 4: [100] + row.dropFirst()
        default: row
        }
    }

    @Test(arguments: kernels, [1, 2, 5, 6, 7, 13, 50, 200])
    func productEqualsItsDefinitionBitByBit(kernel: Int8Kernel, count: Int) {
        var random = Random(state: UInt64(count))
        let arena = FloatArena()
        for (inputs, outputs) in [(1, 1), (3, 70), (36, 24), (129, 65), (402, 130), (768, 64)] {
            let (matrix, bias) = (random.matrix(outputs, inputs), random.floats(outputs))
            let input = random.matrix(count, inputs).enumerated().map(lopsided)
            let start = random.matrix(count, outputs)
            let weights = makeLinear(matrix, bias: bias, storage: .int8, backend: backend(kernel))
            let bare = makeLinear(matrix, bias: nil, storage: .int8, backend: backend(kernel))
            let (inputRows, output) = (
                rows(input, arena: arena, width: inputs), arena.makeRows(count, width: outputs)
            )
            let plain = int8Reference(input, weights: matrix, bias: bias)
            for threads in [1, 2, 3] {
                let team = ComputeTeam(threads: threads, backend: backend(kernel))
                linear(output, inputRows, weights, team: team)
                #expect(bits(output) == bits(plain), "\(inputs)×\(outputs), \(threads) threads")
                let sum = rows(start, arena: arena, width: outputs)
                linear(sum, inputRows, bare, accumulate: true, team: team)
                #expect(bits(sum) == bits(int8Reference(input, weights: matrix, bias: nil, onto: start)))
                for activation in [Activation.quickGELU, .gelu] {
                    linear(output, inputRows, weights, activation: activation, team: team)
                    let expected = plain.map { $0.map { Float(activationReference(Double($0), activation)) } }
                    let top = plain.joined().reduce(1) { max($0, abs($1)) }
                    #expect(distance(output, expected) < 2e-6 * top)
                }
            }
        }
    }

    /// Every kernel gives a row the same bits, with an activation too. The rows beside it change nothing, even if there are
    /// more than a team quantises at a time.
    @Test func kernelsAndCompanyChangeNothing() {
        var random = Random(state: 6)
        let arena = FloatArena()
        let (matrix, bias, input) = (random.matrix(90, 100), random.floats(90), random.matrix(1200, 100))
        var first: [[UInt32]]?
        for kernel in Self.kernels {
            let team = ComputeTeam(threads: 2, backend: backend(kernel))
            let weights = makeLinear(matrix, bias: bias, storage: .int8, backend: backend(kernel))
            let (all, output) = (rows(input, arena: arena, width: 100), arena.makeRows(1200, width: 90))
            linear(output, all, weights, activation: .quickGELU, team: team)
            let together = bits(output)
            #expect(together == first ?? together, "\(kernel)")
            first = together
            for range in [0..<1, 7..<20, 599..<602, 1199..<1200] {
                output.fill(.nan)
                linear(output[range], all[range], weights, activation: .quickGELU, team: team)
                #expect(bits(output[range]) == Array(together[range]))
            }
        }
    }

    /// A rounded input is off by half its step at most, by a whole one where both the zero and the greatest value were rounded
    /// up; a weight by half of its own. Rounding errors are independent, so their sum has the deviation of its parts.
    @Test(arguments: kernels) func errorIsThatOfRounding(kernel: Int8Kernel) {
        var random = Random(state: 9)
        let arena = FloatArena()
        let (inputs, outputs, count) = (768, 96, 50)
        let (matrix, input) = (random.matrix(outputs, inputs), random.matrix(count, inputs))
        let weights = makeLinear(matrix, bias: nil, storage: .int8, backend: backend(kernel))
        let output = arena.makeRows(count, width: outputs)
        linear(
            output,
            rows(input, arena: arena, width: inputs),
            weights,
            team: ComputeTeam(threads: 2, backend: backend(kernel))
        )
        var (squares, expected) = (0.0, 0.0)
        for (index, row) in input.enumerated() {
            let step = Double((row.max() ?? 0) - (row.min() ?? 0)) / 255
            for (column, weights) in matrix.enumerated() {
                let own = Double(weights.map { abs($0) }.max() ?? 0) / 127
                let exact = zip(row, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                let error = Double(output[index][column]) - exact
                let bound = zip(row, weights).reduce(0.0) {
                    $0 + step * Double(abs($1.1)) + own / 2 * Double(abs($1.0)) + step * own / 2
                }
                #expect(abs(error) <= bound)
                squares += error * error
                expected += zip(row, weights).reduce(0.0) {
                    $0 + (step * step * Double($1.1 * $1.1) + own * own * Double($1.0 * $1.0)) / 12
                }
            }
        }
        #expect((0.9...1.1).contains((squares / expected).squareRoot()), "\((squares / expected).squareRoot())")
    }

    /// A value that is not finite makes its own row NaN, as a sum of floats would, and no other.
    @Test(arguments: kernels, [Float.nan, .infinity, -.infinity])
    func unusualValuesStayInTheirRow(kernel: Int8Kernel, value: Float) {
        var random = Random(state: 12)
        let arena = FloatArena()
        let matrix = random.matrix(33, 70)
        var input = random.matrix(9, 70)
        input[4][69] = value
        input[7][3] = value
        let output = arena.makeRows(9, width: 33)
        linear(
            output,
            rows(input, arena: arena, width: 70),
            makeLinear(matrix, bias: random.floats(33), storage: .int8, backend: backend(kernel)),
            activation: .gelu,
            team: ComputeTeam(threads: 1, backend: backend(kernel))
        )
        for row in 0..<9 { #expect(output[row].allSatisfy { $0.isNaN == (row == 4 || row == 7) }, "row \(row)") }
    }

    /// 65,536 inputs, all at the ends of their ranges: 255 · 127 · 65,536 is close under 2³¹. One more input stays in floats.
    @Test(arguments: kernels, [Float(1), -1]) func greatestSumIsExact(kernel: Int8Kernel, sign: Float) {
        let arena = FloatArena()
        for count in [65_536, 65_537] {
            let matrix = [[Float](repeating: sign, count: count), [Float](repeating: -sign, count: count)]
            let weights = makeLinear(matrix, bias: nil, storage: .int8, backend: backend(kernel))
            #expect(weights.storage == (count == 65_536 ? .int8 : .float32))
            let output = arena.makeRows(1, width: 2)
            linear(
                output,
                rows([[Float](repeating: 2, count: count)], arena: arena, width: count),
                weights,
                team: ComputeTeam(threads: 1, backend: backend(kernel))
            )
            #expect(abs(output[0][0] - sign * 2 * Float(count)) < 0.1)
            #expect(output[0][0] == -output[0][1])
        }
    }

    @Test(arguments: kernels, [1, 2]) func productAllocatesNothing(kernel: Int8Kernel, threads: Int) {
        var random = Random(state: 3)
        let arena = FloatArena()
        let team = ComputeTeam(threads: threads, backend: backend(kernel))
        let weights = makeLinear(random.matrix(300, 200), bias: nil, storage: .int8, backend: backend(kernel))
        let (input, output) = (
            rows(random.matrix(600, 200), arena: arena, width: 200), arena.makeRows(600, width: 300)
        )
        linear(output, input, weights, activation: .gelu, team: team)
        let before = allocation_count_of_thread()
        for _ in 0..<5 { linear(output, input, weights, activation: .gelu, team: team) }
        #expect(allocation_count_of_thread() == before)
    }

    /// OpenBLAS has no product of bytes, so one of ours stands in.
    @Test(.enabled(if: FloatKernel.openBLAS.isAvailable)) func openBLASLeavesInt8ToOurKernels() {
        var random = Random(state: 2)
        let arena = FloatArena()
        let (matrix, bias, input) = (random.matrix(40, 50), random.floats(40), random.matrix(8, 50))
        let backend = KernelBackend(floats: .openBLAS, int8: .portable)
        let output = arena.makeRows(8, width: 40)
        linear(
            output,
            rows(input, arena: arena, width: 50),
            makeLinear(matrix, bias: bias, storage: .int8, backend: backend),
            team: ComputeTeam(threads: 2, backend: backend)
        )
        #expect(bits(output) == bits(int8Reference(input, weights: matrix, bias: bias)))
    }

    /// A byte a weight, a scale and a sum an output.
    @Test func packedMatrixTakesAFourthOfItsFloats() {
        var random = Random(state: 1)
        let matrix = random.matrix(768, 768)
        for kernel in Self.kernels {
            let weights = makeLinear(matrix, bias: nil, storage: .int8, backend: backend(kernel))
            #expect(weights.byteCount == 768 * 768 + 768 * 8)
        }
    }

    /// A matrix is filled with what another packed, or packed over what a reading that failed has left there.
    @Test func aMatrixIsFilledWithWhatAnotherPacked() {
        var random = Random(state: 11)
        let matrix = random.matrix(67, 131)
        for kernel in Self.kernels {
            let first = makeLinear(matrix, bias: nil, storage: .int8, backend: backend(kernel))
            for succeeds in [true, false] {
                var rowsRead = 0
                let second = Linear(
                    inputs: 131,
                    outputs: 67,
                    bias: nil,
                    storage: .int8,
                    backend: backend(kernel),
                    readPacked: { bytes in
                        bytes.copyBytes(
                            from: succeeds ? Array(first.packedBytes) : Array(repeating: 0x5a, count: bytes.count)
                        )
                        return succeeds
                    }
                ) { (range: Range<Int>, floats: UnsafeMutableBufferPointer<Float>) in
                    rowsRead += range.count
                    _ = floats.update(fromContentsOf: matrix[range].joined())
                }
                #expect(rowsRead == (succeeds ? 0 : 67))
                withExtendedLifetime((first, second)) { #expect($1.packedBytes.elementsEqual($0.packedBytes)) }
            }
        }
    }

    /// The flags by which Linux names the instructions.
    @Test func kernelsAreThoseOfTheProcessor() throws {
        #expect(Int8Kernel.failed.isEmpty)
        let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
        let flags = Set(try #require(line).split(whereSeparator: { " :\t".contains($0) }).map(String.init))
        let wanted: [Int8Kernel: String] = [
            .avx512VNNI: "avx512_vnni", .avxVNNI: "avx_vnni", .avx2: "avx2",
            .neonDotProduct: "asimddp", .neonI8MM: "i8mm",
        ]
        for kernel in Int8Kernel.allCases { #expect(kernel.isAvailable == wanted[kernel].map(flags.contains) ?? true) }
        #expect(Int8Kernel.best.isAvailable && KernelBackend.best.isAvailable)
        let fast: Set = ["avx512_vnni", "avx_vnni", "asimddp", "i8mm"]
        #expect(Int8Kernel.best.isAccelerated == !flags.isDisjoint(with: fast))
    }

    @Test func backendsHaveNamesOfTheirOwn() {
        for backend in KernelBackend.allCases { #expect(KernelBackend(backend.description) == backend) }
        #expect(KernelBackend("avx-vnni") == KernelBackend(floats: .avx2, int8: .avxVNNI))
        #expect(KernelBackend("avx3") == nil)
    }
}
