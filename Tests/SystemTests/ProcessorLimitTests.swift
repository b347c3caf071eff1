import Testing

@testable import System

@Suite struct ProcessorLimitTests {
    /// The lines of `cpu.max` that the kernel writes, and others.
    @Test(
        arguments: [
            ("max 100000\n", nil), ("100000 100000\n", 1), ("150000 100000\n", 2), ("20000 100000\n", 1),
            ("400000 100000\n", 4), ("9223372036854775807 1\n", Int.max), ("", nil), ("100000\n", nil), ("1 0\n", nil),
            ("-1 100000\n", nil),
        ] as [(String, Int?)]
    )
    func aQuotaIsAsManyProcessorsAsItKeepsBusy(line: String, processors: Int?) {
        #expect(ProcessorLimit.processors(quota: line) == processors)
    }

    @Test(
        arguments: [
            ("Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n", 2), ("Cpus_allowed:\tff,ffffff0f\n", 36),
            ("Cpus_allowed:\t00000000,00000001\n", 1), ("Cpus_allowed:\t0\n", nil), ("Name:\tx\n", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func theProcessorsOfAThreadAreCounted(status: String, processors: Int?) {
        #expect(ProcessorLimit.processors(status: status) == processors)
    }

    @Test func thisProcessHasAProcessor() throws { #expect(try #require(ProcessorLimit.smallest) >= 1) }
}
