import Foundation
import TestSupport
import Testing

/// A reverse proxy as Debian ships it, with its defaults, in front of a daemon's page: at `/` and below `/watchword/`, whose
/// path it takes away; and below `/kept/`, which it leaves.
enum ReverseProxy: String, CaseIterable {
    case nginx, caddy, haproxy

    func with<Result>(
        of port: UInt16,
        in directory: TemporaryDirectory,
        _ body: (_ port: UInt16) async throws -> Result
    ) async throws -> Result {
        let own = try TCPPort.free()
        let file = try directory.write(configuration(own, of: port, in: directory), to: "\(rawValue).conf")
        let (program, arguments): (String, [String]) =
            switch self {
            case .nginx: ("/usr/sbin/nginx", ["-c", file, "-p", directory.path])
            case .caddy: ("/usr/bin/caddy", ["run", "--config", file, "--adapter", "caddyfile"])
            case .haproxy: ("/usr/sbin/haproxy", ["-db", "-f", file])
            }
        let environment = ["XDG_DATA_HOME": directory.path, "XDG_CONFIG_HOME": directory.path, "HOME": directory.path]
        return try await ChildProcess.with(
            program,
            arguments,
            environment: environment,
            in: directory,
            name: rawValue
        ) { proxy in
            try await eventually("\(rawValue)", context: { proxy.errors }) {
                try #require(!proxy.hasEnded, "\(rawValue) ended: \(proxy.errors)")
                return try? RawConnection(port: own)
            }.close()
            return try await body(own)
        }
    }

    private func configuration(_ own: UInt16, of port: UInt16, in directory: TemporaryDirectory) -> String {
        switch self {
        case .nginx:
            // What /etc/nginx/nginx.conf sets, and files of its own.
            """
            daemon off;
            pid \(directory("nginx.pid"));
            error_log stderr;
            events { worker_connections 768; }
            http {
                sendfile on;
                tcp_nopush on;
                gzip on;
                access_log off;
                client_body_temp_path \(directory.path);
                proxy_temp_path \(directory.path);
                fastcgi_temp_path \(directory.path);
                uwsgi_temp_path \(directory.path);
                scgi_temp_path \(directory.path);
                server {
                    listen 127.0.0.1:\(own);
                    location / { proxy_pass http://127.0.0.1:\(port); }
                    location /watchword/ { proxy_pass http://127.0.0.1:\(port)/; }
                }
            }
            """
        case .caddy:
            """
            {
                admin off
                auto_https off
            }
            http://127.0.0.1:\(own) {
                handle_path /watchword/* {
                    reverse_proxy 127.0.0.1:\(port)
                }
                handle {
                    reverse_proxy 127.0.0.1:\(port)
                }
            }
            """
        case .haproxy:
            // The defaults of /etc/haproxy/haproxy.cfg.
            """
            defaults
                mode http
                option dontlognull
                timeout connect 5000
                timeout client 50000
                timeout server 50000
            frontend page
                bind 127.0.0.1:\(own)
                http-request replace-path /watchword/(.*) /\\1
                default_backend watchword
            backend watchword
                server daemon 127.0.0.1:\(port)

            """
        }
    }
}
