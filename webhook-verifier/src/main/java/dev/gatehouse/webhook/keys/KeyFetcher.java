package dev.gatehouse.webhook.keys;

import dev.gatehouse.core.AddressRange;
import dev.gatehouse.core.AddressRules;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Gets a small document over https: no redirect, no compression, no private address, no more than
 * 64 kB and no more than a few seconds, whatever the server does. Never blocks.
 */
final class KeyFetcher {
  private static final int MAX_BYTES = 64 * 1024;
  private static final int HTTPS = 443;

  /** What a server answered. */
  record Answer(int status, byte[] body) {}

  private final Vertx vertx;
  private final KeyFetching options;
  private final KeyFetching.Resolver resolver;
  private final HttpClient client;
  private final AtomicInteger underWay = new AtomicInteger();

  KeyFetcher(Vertx vertx, KeyFetching options) {
    this.vertx = vertx;
    this.options = options;
    this.resolver = options.resolver == null ? KeyFetching.systemResolver(vertx) : options.resolver;
    HttpClientOptions http =
        new HttpClientOptions()
            .setKeepAlive(false)
            .setMaxHeaderSize(8 * 1024)
            .setConnectTimeout((int) options.timeout.toMillis())
            .setSslHandshakeTimeout(options.timeout.toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setVerifyHost(true);
    if (options.serverTrust != null) {
      http.setTrustOptions(options.serverTrust.copy());
    }
    this.client =
        vertx.createHttpClient(http, new PoolOptions().setHttp1MaxSize(options.maxFetches));
  }

  Vertx vertx() {
    return vertx;
  }

  /**
   * Whether a URL that an operator wrote may be asked at all.
   *
   * @throws IllegalArgumentException if not; the message ends a sentence that names the setting
   */
  static URI checked(String text, boolean insecureLoopback) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalArgumentException("is not a URL", e);
    }
    boolean plain = "http".equals(uri.getScheme());
    if (uri.getHost() == null || !(plain || "https".equals(uri.getScheme()))) {
      throw new IllegalArgumentException("must be an https URL with a host");
    }
    if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("must have no user and no fragment");
    }
    if (plain && !(insecureLoopback && isLoopback(host(uri)))) {
      throw new IllegalArgumentException(
          "must be https: whoever changes the answer on its way could sign (allowInsecureKeyUrl"
              + " lets http lead to this machine)");
    }
    return uri;
  }

  private static String host(URI uri) {
    String host = uri.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || AddressRange.literal(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  /** Fails with a {@link KeysUnavailableException} if there is no answer. */
  Future<Answer> get(URI url) {
    if (underWay.incrementAndGet() > options.maxFetches) {
      underWay.decrementAndGet();
      return Future.failedFuture(
          KeysUnavailableException.untried("too many keys are being fetched at once"));
    }
    Promise<Answer> answer = Promise.promise();
    AtomicReference<HttpClientRequest> running = new AtomicReference<>();
    long timer =
        vertx.setTimer(
            options.timeout.toMillis(),
            late -> answer.tryFail(new KeysUnavailableException("there was no answer in time")));
    // a resolver of the user's may throw
    Future.succeededFuture(url)
        .compose(this::address)
        .compose(address -> client.request(request(url, address)))
        .compose(
            request -> {
              running.set(request);
              if (answer.future().isComplete()) {
                request.reset();
                return unavailable("too late");
              }
              // where the answer comes: a listener of this thread could come after its end
              return request.send().compose(KeyFetcher::read);
            })
        .onSuccess(answer::tryComplete)
        .onFailure(failure -> answer.tryFail(told(failure)));
    return answer
        .future()
        .onComplete(
            done -> {
              underWay.decrementAndGet();
              vertx.cancelTimer(timer);
              HttpClientRequest request = running.get();
              if (request != null && done.failed()) {
                request.reset();
              }
            });
  }

  private RequestOptions request(URI url, InetAddress address) {
    boolean tls = url.getScheme().equals("https");
    int port = url.getPort() >= 0 ? url.getPort() : tls ? HTTPS : 80;
    int connect = options.connectPort > 0 ? options.connectPort : port;
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    // The connection goes to the address that was judged; Host and TLS still name the server.
    return new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setServer(SocketAddress.inetSocketAddress(connect, AddressRules.hostOf(address)))
        .setHost(url.getHost())
        .setPort(port)
        .setSsl(tls)
        .setURI(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery())
        .setFollowRedirects(false);
  }

  private Future<InetAddress> address(URI url) {
    Optional<InetAddress> literal = AddressRange.literal(host(url));
    if (literal.isPresent()) {
      // A request cannot name one: only an operator's own URL comes so far with a literal.
      return AddressRules.isLinkLocal(literal.get())
          ? unavailable("the place of keys is a link-local address")
          : Future.succeededFuture(literal.get());
    }
    boolean mustBeHere = url.getScheme().equals("http");
    return resolver.resolve(host(url)).compose(addresses -> judged(addresses, mustBeHere));
  }

  // One bad address among good ones is refused too: it may be the next one's answer.
  private Future<InetAddress> judged(List<InetAddress> addresses, boolean mustBeHere) {
    if (addresses.isEmpty() || addresses.stream().anyMatch(AddressRules::isLinkLocal)) {
      return unavailable("the place of keys has no address that may be asked");
    }
    boolean here = addresses.stream().allMatch(InetAddress::isLoopbackAddress);
    boolean hidden = addresses.stream().anyMatch(AddressRules::isPrivate);
    if (mustBeHere
        ? !here
        : hidden && !options.privateAddresses && !(here && options.insecureLoopback)) {
      return unavailable("the place of keys leads to an address that may not be asked");
    }
    return Future.succeededFuture(addresses.get(0));
  }

  private static Future<Answer> read(HttpClientResponse response) {
    String coding = response.getHeader("Content-Encoding");
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      return unavailable("the answer is compressed");
    }
    Promise<Answer> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    response.exceptionHandler(whole::tryFail);
    response.handler(
        chunk -> {
          if (body.length() + chunk.length() > MAX_BYTES) {
            whole.tryFail(new KeysUnavailableException("the answer is longer than 64 kB"));
            return;
          }
          body.appendBuffer(chunk);
        });
    response.endHandler(
        end -> whole.tryComplete(new Answer(response.statusCode(), body.getBytes())));
    return whole.future();
  }

  private static Throwable told(Throwable failure) {
    if (failure instanceof KeysUnavailableException) {
      return failure;
    }
    return new KeysUnavailableException(
        "the place of keys cannot be reached (" + failure.getClass().getSimpleName() + ")");
  }

  private static <T> Future<T> unavailable(String why) {
    return Future.failedFuture(new KeysUnavailableException(why));
  }
}
