//! A server that answers with exactly the bytes a test gives it, and remembers what it was sent.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It waits for the next request.
    Keep,
    /// It is closed.
    Close,
    /// It stays open and silent until the test has ended.
    Hang,
}

type Answer = dyn Fn(&str) -> (Vec<u8>, Then) + Send + Sync;

/// Runs until the test's process ends; each connection has a thread.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Receiver<()>,
}

impl Server {
    /// Answers each request, given as text, as `answer` says.
    pub fn start(answer: impl Fn(&str) -> (Vec<u8>, Then) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen): (Arc<Answer>, _) = (Arc::new(answer), requests.clone());
        let (connected, connections) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, seen, connected) = (answer.clone(), seen.clone(), connected.clone());
                thread::spawn(move || serve(stream.unwrap(), &*answer, &seen, &connected));
            }
        });
        Self { address, requests, connections }
    }

    pub fn url(&self, path: &str) -> url::Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    /// What it was sent, heads and bodies.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.try_iter().count()
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, seen: &Mutex<Vec<String>>, connected: &Sender<()>) {
    let _ = connected.send(()); // the test may have ended
    let mut hung = Vec::new();
    while let Some(request) = read_request(&mut stream) {
        seen.lock().unwrap().push(request.clone());
        let (bytes, then) = answer(&request);
        if stream.write_all(&bytes).is_err() {
            return;
        }
        match then {
            Then::Keep => {}
            Then::Close => return,
            Then::Hang => hung.push(stream.try_clone().unwrap()),
        }
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

/// An answer with a length.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
