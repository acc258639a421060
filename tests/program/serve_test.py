"""The live page under attack, on the wire: hosts, methods, tokens, 2,000 paths, 500 clients that never finish. Times and memory are printed."""
import http.client
import json
import random
import re
import socket
import subprocess
import time
import unittest

from support import SMALL, VERNIER, ProgramTest


class Serve(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        self.server = subprocess.Popen([VERNIER, "serve", "--edit"], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        link = self.server.stdout.readline().strip()
        self.port, self.token = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#token=([0-9a-f]{32})", link).groups()
        self.port = int(self.port)

    def tearDown(self):
        self.server.terminate()
        self.assertEqual(self.server.wait(30), 0)
        self.server.stdout.close()
        super().tearDown()

    def raw(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 30) as s:
            s.sendall(request)
            answer = b""
            while part := s.recv(65536):
                answer += part
            return answer

    def status(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def memory(self):
        with open(f"/proc/{self.server.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024

    def test_hosts_methods_and_tokens(self):
        self.assertEqual(self.status("GET", "/"), 200)
        self.assertEqual(self.status("HEAD", "/api/data"), 200)
        for host in ("evil.example", f"evil.example:{self.port}", "127.0.0.1", "127.0.0.1:1", ""):
            self.assertIn(self.status("GET", "/api/data", {"Host": host}), (400, 403), host)
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"):
            self.assertIn(self.status(method, "/api/data"), (400, 405, 501), method)
        note = json.dumps({"do": "note", "study": "small", "number": 1, "text": "by serve"})
        typed = {"Content-Type": "application/json"}
        self.assertEqual(self.status("POST", "/api/edit", typed, note), 403)
        self.assertEqual(self.status("POST", "/api/edit", {**typed, "X-Vernier-Token": "0" * 32}, note), 403)
        self.assertEqual(self.status("POST", "/api/edit", {**typed, "X-Vernier-Token": self.token, "Origin": "http://evil.example"}, note), 403)
        self.assertEqual(self.json("trial", "small#1").get("note", ""), "")
        self.assertEqual(self.status("POST", "/api/edit", {**typed, "X-Vernier-Token": self.token}, note), 200)
        self.assertEqual(self.json("trial", "small#1")["note"], "by serve")

    def test_paths(self):
        chance = random.Random(11)
        parts = ["..", ".", "", "etc", "passwd", "api", "data", "vernier.db", "small.yaml", "%2e%2e", "%252e%252e", "..%2f", "%5c", "\\", "%c0%ae%c0%ae", "~", "data;a", "DATA", "%00", "edit/"]
        allowed = {"/", "/favicon.ico", "/api/changes", "/api/data", "/api/artifacts", "/api/edit"}
        tried = 0
        while tried < 2000:
            path = "/" + chance.choice(["", "/", "\\", "./"]).join(chance.choice(parts) + chance.choice(["", "/", "%2f", "//"]) for _ in range(chance.randint(1, 6)))
            if chance.random() < 0.3:
                path = "/" + "".join(f"%{ord(c):02x}" if chance.random() < 0.5 else c for c in chance.choice(["api/data", "../vernier.db", "etc/passwd"]))
            if path in allowed:
                continue
            tried += 1
            answer = self.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode())
            self.assertRegex(answer.split(b"\r\n")[0], rb"HTTP/1\.1 40[04]", path)
            self.assertNotIn(b"root:", answer)
            self.assertNotIn(b"SQLite", answer)
        print(f"{tried} paths: none found")

    def test_slow_clients(self):
        before = self.memory()
        slow = []
        for k in range(500):
            s = socket.create_connection(("127.0.0.1", self.port), 30)
            s.sendall(b"POST /api/edit HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n{" if k % 2 else b"GET / HTTP/1.1\r\nX-A: ")
            slow.append(s)
        times = []
        for k in range(300):
            if k % 30 == 0:
                for s in slow:
                    try:
                        s.sendall(b"a")
                    except OSError:
                        pass
            begin = time.monotonic()
            self.assertEqual(self.status("GET", "/" if k % 2 else "/api/data"), 200)
            times.append(1000 * (time.monotonic() - begin))
        times.sort()
        peak = self.memory()
        print(f"500 slow sockets: page p50 {times[150]:.1f} ms, p99 {times[297]:.1f} ms; memory {before:.0f} -> {peak:.0f} MiB")
        self.assertLess(peak - before, 64)
        for s in slow:
            s.close()


if __name__ == "__main__":
    unittest.main()
