// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Upcoming language features that the code adopts now.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The program holds the Swift runtime, so that it needs no toolchain where it runs, and the program that the tests run
/// is the one that is installed. Only the linker is asked for it: `--static-swift-stdlib` would compile everything once
/// more and knows no tests. The compiled files do not name the runtime's own parts, so they are named here.
let withSwiftRuntime = [
    "-static-stdlib", "-use-ld=lld", "-lCoreFoundation", "-l_CFXMLInterface", "-lxml2", "-l_FoundationICU",
    "-l_FoundationCollections", "-l_FoundationCShims", "-lswiftSynchronization",
]

/// A system library in C, declared under Sources/C.
///
/// - Parameters:
///   - name: the name of the target and its folder.
///   - pkgConfig: the library's name for pkg-config.
///   - package: the Debian package that provides it.
func library(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "watchword",
    products: [.executable(name: "watchword", targets: ["watchword"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries. CLibAV contains C code because libav's error codes and log callback use macros and va_list,
        // which Swift cannot import, and libavdevice is loaded with dlopen.
        .target(
            name: "CLibAV",
            path: "Sources/C/CLibAV",
            linkerSettings: ["avformat", "avcodec", "swscale", "avutil"].map { .linkedLibrary($0) }
        ),
        // One source, compiled for several instruction sets that are chosen at run time; Swift cannot do this.
        .target(name: "CKernels", path: "Sources/C/CKernels"),
        // System calls without a wrapper, filters made by macros, and descriptors sent over sockets, which Swift cannot reach.
        .target(name: "CIsolation", path: "Sources/C/CIsolation"),
        // libcurl sets its options through variadic functions, which Swift cannot call.
        .target(name: "CCurl", path: "Sources/C/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        // OpenBLAS is loaded with dlopen, by the processors that need it.
        .target(name: "COpenBLAS", path: "Sources/C/COpenBLAS", publicHeadersPath: "."),
        // libnats is loaded with dlopen, and C checks the loaded functions against its headers.
        .target(name: "CNATS", path: "Sources/C/CNATS"),
        library("CMosquitto", pkgConfig: "libmosquitto", package: "libmosquitto-dev"),
        library("COpenSSL", pkgConfig: "libcrypto", package: "libssl-dev"),
        library("CSystemd", pkgConfig: "libsystemd", package: "libsystemd-dev"),

        // Sources/Documentation/architecture.md draws this tree. Arrows point one way: a target imports only the
        // siblings named here.
        .target(name: "System", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "Text", dependencies: ["System"], swiftSettings: strict),
        .target(name: "Metrics", swiftSettings: strict),
        .target(name: "Frames", swiftSettings: strict),
        .target(name: "Signals", dependencies: ["Frames"], swiftSettings: strict),
        .target(name: "Events", dependencies: ["Text"], swiftSettings: strict),
        .target(name: "Kernels", dependencies: ["CKernels", "COpenBLAS", "System"], swiftSettings: strict),
        .target(name: "Checkpoints", dependencies: ["System"], swiftSettings: strict),
        .target(name: "XCLIP", dependencies: ["Kernels", "Checkpoints", "Frames", "System"], swiftSettings: strict),
        .target(
            name: "MediaClock",
            dependencies: [.product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict
        ),
        .target(name: "Resampling", dependencies: ["Frames"], swiftSettings: strict),
        .target(name: "HTTP", dependencies: ["CCurl", "System"], swiftSettings: strict),
        .target(
            name: "Capture",
            dependencies: [
                "CLibAV", "HTTP", "MediaClock", "Resampling", "Signals", "Frames", "System", "Text",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "CaptureProcess",
            dependencies: ["CIsolation", "ONVIF", "Capture", "HTTP", "MediaClock", "Frames", "Text", "System"],
            swiftSettings: strict
        ),
        .target(name: "ScoreHistory", dependencies: ["Events", "System", "Text"], swiftSettings: strict),
        .target(
            name: "Recognition",
            dependencies: ["XCLIP", "Kernels", "Signals", "Frames", "Events", "Text", "System"],
            swiftSettings: strict
        ),
        .target(
            name: "EventFeed",
            dependencies: [
                "Events", "Text", "System",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "WebFeed",
            dependencies: ["EventFeed", "Events", "Text", "System"],
            exclude: ["Documentation"],
            // Compiled in, so that the program needs no further files at run time.
            resources: [.embedInCode("Page")],
            swiftSettings: strict
        ),
        .target(
            name: "MQTTFeed",
            dependencies: [
                "EventFeed", "Text", "System", "CMosquitto",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "WebhookFeed",
            dependencies: ["EventFeed", "HTTP", "Text", "System"],
            swiftSettings: strict
        ),
        .target(
            name: "Fleet",
            dependencies: [
                "CNATS", "Events", "Text", "System",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "FleetDelivery",
            dependencies: [
                "Fleet", "MQTTFeed", "WebhookFeed", "EventFeed", "Text", "System",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(name: "ModelHub", dependencies: ["HTTP", "System"], swiftSettings: strict),
        .target(name: "ONVIF", dependencies: ["Capture", "HTTP", "Frames", "Text", "System"], swiftSettings: strict),
        .target(name: "ConfigurationText", dependencies: ["Text", "Yams"], swiftSettings: strict),
        .target(
            name: "Settings",
            dependencies: [
                "ConfigurationText", "Recognition", "XCLIP", "Capture", "MediaClock", "WebFeed", "MQTTFeed",
                "WebhookFeed", "Fleet", "EventFeed",
                "ONVIF",
                "HTTP", "Signals", "Frames", "Events", "Text", "System",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Models",
            dependencies: [
                "Settings", "ConfigurationText", "ModelHub", "Recognition", "Capture", "XCLIP", "Kernels",
                "Checkpoints", "Frames", "Events",
                "Text", "System",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Systemd",
            dependencies: [
                "Settings", "Text", "System", "CSystemd", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "EventFeed", "WebFeed", "MQTTFeed", "WebhookFeed", "FleetDelivery", "Fleet", "Models", "Settings",
                "ConfigurationText", "Recognition", "ScoreHistory", "Systemd",
                "Metrics", "CaptureProcess", "ONVIF",
                "Capture", "MediaClock", "XCLIP", "Kernels", "Signals", "Frames", "Events", "Text", "System",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(name: "Tuning", dependencies: ["Events", "ScoreHistory", "System", "Text"], swiftSettings: strict),
        .target(
            name: "Offline",
            dependencies: [
                "Tuning", "ScoreHistory", "EventFeed", "Models", "Settings", "ConfigurationText", "Recognition",
                "ONVIF", "Capture", "MediaClock",
                "XCLIP", "Kernels",
                "Checkpoints", "Frames", "Events", "Text", "System",
            ],
            swiftSettings: strict
        ),
        .target(name: "Console", dependencies: ["Fleet", "EventFeed", "Text", "System"], swiftSettings: strict),
        .executableTarget(
            name: "watchword",
            dependencies: [
                "Daemon", "Systemd", "Offline", "Tuning", "Console", "Models", "Settings", "ConfigurationText", "Fleet",
                "ONVIF", "CaptureProcess", "Recognition", "XCLIP",
                "Events", "Text", "System",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(withSwiftRuntime)]
        ),

        // Loads the event feed and its journal, for Benchmarks/RESULTS.md and for the tests that kill it.
        .executableTarget(
            name: "feedload",
            dependencies: ["EventFeed", "Events", "Text", "System"],
            path: "Benchmarks/FeedLoad",
            swiftSettings: strict
        ),

        // A fleet of hosts without cameras on real servers that are killed, for Benchmarks/RESULTS.md and for the tests.
        .executableTarget(
            name: "fleetload",
            dependencies: ["Fleet", "Events", "Text", "System"],
            path: "Benchmarks/FleetLoad",
            swiftSettings: strict
        ),

        // Counts allocations by replacing the C library's malloc, which only C can do.
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        // Shared by several suites: waiting, temporary directories and reproducible random numbers.
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "SystemTests", dependencies: ["System", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "TextTests", dependencies: ["Text", "System", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "FramesTests", dependencies: ["Frames", "System", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SignalsTests",
            dependencies: ["Signals", "Frames", "CAllocationCount", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ScoreHistoryTests",
            dependencies: ["ScoreHistory", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "EventsTests", dependencies: ["Events", "Text", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "MediaClockTests", dependencies: ["MediaClock", "Frames"], swiftSettings: strict),
        .testTarget(
            name: "KernelsTests",
            dependencies: ["Kernels", "System", "CAllocationCount"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: ["Checkpoints", "CAllocationCount", "TestSupport"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "XCLIPTests",
            dependencies: [
                "XCLIP", "Kernels", "Capture", "Resampling", "Checkpoints", "Frames", "CAllocationCount", "TestSupport",
            ],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CaptureTests",
            dependencies: [
                "Capture", "HTTP", "MediaClock", "Resampling", "Signals", "Frames", "Text", "System", "TestSupport",
            ],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CaptureProcessTests",
            dependencies: [
                "CaptureProcess", "ONVIF", "Capture", "HTTP", "MediaClock", "Frames", "Text", "System", "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RecognitionTests",
            dependencies: [
                "Recognition", "Signals", "Frames", "Events", "XCLIP", "Kernels", "Text", "System", "CAllocationCount",
                "TestSupport",
            ],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EventFeedTests",
            dependencies: [
                "EventFeed", "Events", "Text", "System", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WebFeedTests",
            dependencies: ["WebFeed", "EventFeed", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MQTTFeedTests",
            dependencies: ["MQTTFeed", "EventFeed", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WebhookFeedTests",
            dependencies: ["WebhookFeed", "EventFeed", "Events", "HTTP", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FleetTests",
            dependencies: ["Fleet", "Text", "System", "TestSupport", "fleetload"],
            swiftSettings: strict
        ),
        .testTarget(name: "ModelHubTests", dependencies: ["ModelHub"], swiftSettings: strict),
        .testTarget(
            name: "ONVIFTests",
            dependencies: ["ONVIF", "HTTP", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "Settings", "ConfigurationText", "Models", "Recognition", "XCLIP", "Capture", "WebFeed", "MQTTFeed",
                "WebhookFeed", "Fleet", "HTTP",
                "EventFeed", "Signals", "Frames",
                "Events", "Text", "System", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TuningTests",
            dependencies: ["Tuning", "ScoreHistory", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OfflineTests",
            dependencies: [
                "Offline", "Tuning", "Settings", "ConfigurationText", "Recognition", "XCLIP", "Capture", "Frames",
                "Events",
                "Text", "System",
                "TestSupport",
            ],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["Console", "EventFeed", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SystemdTests",
            dependencies: [
                "Systemd", "Settings", "Text", "System", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Systemd", "Fleet", "Models", "Settings", "ConfigurationText", "Recognition", "ScoreHistory",
                "Metrics", "CaptureProcess",
                "Capture", "EventFeed",
                "WebFeed",
                "MQTTFeed", "WebhookFeed", "XCLIP", "Kernels", "Checkpoints", "Signals", "Frames", "Events", "Text",
                "System", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Runs the program itself, which `swift build --build-tests` puts beside the test bundle. It is no dependency,
        // since the bundle, which needs the dynamic Swift runtime, would be linked with the program's settings.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CaptureProcess", "Capture", "Frames", "Fleet", "Events", "Text", "System", "TestSupport", "feedload",
                "fleetload",
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer requires that every target is built with it, so the fuzz targets exist only for `make fuzz`.
if ProcessInfo.processInfo.environment["WATCHWORD_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Capture", "CaptureProcess", "Checkpoints", "EventFeed", "Frames", "ONVIF", "Settings", "WebFeed",
                "XCLIP",
                "Text", "System", "TestSupport",
            ],
            path: "Tests/Fuzz",
            exclude: ["Corpus"],
            swiftSettings: strict
        )
    )
}
