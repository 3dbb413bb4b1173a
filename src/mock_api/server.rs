//! HTTP: takes connections, and takes each request from its arrival to its answer.

use super::control::{self, Access};
use super::faults::Fault;
use super::log::Call;
use super::response::{self, Body};
use super::service::{Request, Service};
use super::store::timestamp;
use super::tls::Tls;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderName, HeaderValue, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The largest body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// The wait after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How long a client may take to agree on TLS.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// What is called with every request once it is answered.
pub(super) type Observer = Box<dyn Fn(&Call) + Send + Sync>;

/// What connections share with each other and with [`MockApi`](super::MockApi).
pub(super) struct Shared {
    /// Who may use the page and the control endpoint.
    pub(super) access: Access,
    /// Whether sample deliveries go to other machines, too.
    pub(super) allow_remote_deliveries: bool,
    service: Mutex<Service>,
    observer: Option<Observer>,
}

impl Shared {
    pub(super) fn new(
        service: Service,
        access: Access,
        allow_remote_deliveries: bool,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            access,
            allow_remote_deliveries,
            service: Mutex::new(service),
            observer,
        }
    }

    /// No code that holds the lock leaves the service half changed, so poison means nothing.
    pub(super) fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts connections until it is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<&Tls>,
    shared: Arc<Shared>,
) -> Infallible {
    let acceptor = tls.map(Tls::acceptor);
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = Connection {
                    shared: Arc::clone(&shared),
                    peer: peer.ip().to_canonical(),
                };
                tokio::spawn(connection.open(stream, acceptor.clone()));
            }
            // A client that left at once, or out of descriptors: the latter takes a moment.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// One client's connection.
struct Connection {
    shared: Arc<Shared>,
    peer: IpAddr,
}

impl Connection {
    async fn open(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        // Only makes answers slower when it fails.
        stream.set_nodelay(true).ok();
        let Some(acceptor) = acceptor else {
            return self.serve(stream).await;
        };
        let handshake = tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream));
        // Who does not trust the certificate, or speaks no TLS, learns it from the alert.
        if let Ok(Ok(stream)) = handshake.await {
            self.serve(stream).await;
        }
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| {
            // A task of its own, so that a client that has gone does not undo its request.
            let task = tokio::spawn(handle(request, self.peer, Arc::clone(&self.shared)));
            async { task.await.map_err(io::Error::other)? }
        });
        // Clients that leave early and connections that faults end both land here.
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connection.await.ok();
    }
}

/// An error closes the connection.
async fn handle(
    request: http::Request<Incoming>,
    peer: IpAddr,
    shared: Arc<Shared>,
) -> io::Result<Response<Body>> {
    let request = read(request).await?;
    if control::is_for(&request.path) {
        return Ok(response::whole(
            control::answer(&request, peer, &shared).await,
        ));
    }
    let (number, fault) = begin(&shared, &request);
    let response = match fault {
        None => Ok(response::whole(shared.service().answer(&request))),
        Some(fault) => response::faulty(fault, &request, &shared).await,
    };
    finish(&shared, number, response)
}

async fn read(request: http::Request<Incoming>) -> io::Result<Request> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => Some(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => None,
        Err(error) => return Err(io::Error::other(error)),
    };
    Ok(Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
    })
}

fn begin(shared: &Shared, request: &Request) -> (u64, Option<Fault>) {
    let user_agent = request.headers.get(USER_AGENT);
    let body = request.body.as_ref();
    let mut service = shared.service();
    let fault = service.faults.take(&request.method, &request.path);
    let number = service.log.begin(Call {
        number: 0,
        arrived_at: timestamp(OffsetDateTime::now_utc()),
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        body: body.and_then(|body| serde_json::from_slice(body).ok()),
        user_agent: user_agent.and_then(|agent| agent.to_str().ok().map(str::to_owned)),
        authorized: request.headers.contains_key(AUTHORIZATION),
        status: None,
        fault: fault.clone(),
    });
    (number, fault)
}

/// Notes the outcome before the client can know it, and adds what every answer carries.
fn finish(
    shared: &Shared,
    number: u64,
    response: io::Result<Response<Body>>,
) -> io::Result<Response<Body>> {
    let status = response.as_ref().ok().map(Response::status);
    let (call, rate_limit) = {
        let mut service = shared.service();
        let call = service.log.finish(number, status);
        (call, service.rate_limit_headers())
    };
    if let (Some(observer), Some(call)) = (&shared.observer, call) {
        observer(&call);
    }
    let mut response = response?;
    let headers = response.headers_mut();
    headers.extend(rate_limit);
    let ray = HeaderValue::try_from(format!("{number:016x}-MOCK")).map_err(io::Error::other)?;
    headers.insert(HeaderName::from_static("cf-ray"), ray);
    Ok(response)
}
