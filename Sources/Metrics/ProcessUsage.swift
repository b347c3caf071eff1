import Foundation

/// The kernel's figures for this process, under the names that Prometheus's own client libraries use.
package enum ProcessUsage {
    package static var families: [MetricFamily] {
        var families: [MetricFamily] = []
        if let fields = statFields { families += times(fields) }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            var family = MetricFamily(.gauge, "process_open_fds", "Open file descriptors.")
            // One of them reads the folder itself.
            family.add(max(0, open - 1))
            families.append(family)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            var family = MetricFamily(.gauge, "process_max_fds", "Limit of open file descriptors.")
            family.add(Double(limit.rlim_cur))
            families.append(family)
        }
        return families
    }

    /// The fields of /proc/self/stat after the process name, which may hold any character: `state` first.
    private static var statFields: [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split { $0.isWhitespace }
        return fields.count > 21 ? fields : nil
    }

    /// Numbers as in proc(5), whose third field is the first here.
    private static func times(_ fields: [Substring]) -> [MetricFamily] {
        func field(_ number: Int) -> Double { Double(fields[number - 3]) ?? 0 }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        var cpu = MetricFamily(.counter, "process_cpu_seconds_total", "Processor time, of user and system, in seconds.")
        cpu.add((field(14) + field(15)) / ticks)
        var threads = MetricFamily(.gauge, "process_threads", "Threads.")
        threads.add(field(20))
        var virtual = MetricFamily(.gauge, "process_virtual_memory_bytes", "Virtual memory.")
        virtual.add(field(23))
        var resident = MetricFamily(.gauge, "process_resident_memory_bytes", "Resident memory.")
        resident.add(field(24) * Double(sysconf(Int32(_SC_PAGESIZE))))
        var start = MetricFamily(
            .gauge,
            "process_start_time_seconds",
            "Start time of the process, in seconds since 1970-01-01 UTC."
        )
        start.add(bootTime + field(22) / ticks)
        return [cpu, threads, virtual, resident, start]
    }

    /// When the machine was booted, by its clocks at the first look. `/proc/stat` has it behind a line for each processor, and
    /// Foundation reads no more than the first 4 KB of a file that has no size.
    private static let bootTime: Double = {
        var (civil, sinceBoot) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &civil)
        clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
        return Double(civil.tv_sec - sinceBoot.tv_sec) + Double(civil.tv_nsec - sinceBoot.tv_nsec) / 1e9
    }()
}
