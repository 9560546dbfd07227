package dev.gatehouse.core;

import java.lang.ref.WeakReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is made of one thing that does not change, such as its bytes on a transport: once for each
 * maker, whoever asks first.
 *
 * <p>A maker is known by its instance. What the first {@value #MOST} make is kept until memory is
 * collected, and longer while somebody holds it; then it is made again. What others make is made
 * each time. So a thing that waits in a queue takes no more room than itself. Safe for any thread;
 * a maker runs while others who ask for something that is not made yet wait.
 *
 * @param <S> what it is made of
 */
public final class Derived<S> {
  /** Of so many makers something is kept. */
  public static final int MOST = 8;

  private static final class Kept {
    private final Object maker;
    private final @Nullable Kept next;
    private final int count;
    private volatile WeakReference<Object> made;

    Kept(Object maker, Object made, @Nullable Kept next) {
      this.maker = maker;
      this.made = new WeakReference<>(made);
      this.next = next;
      this.count = next == null ? 1 : next.count + 1;
    }
  }

  private final S source;
  private volatile @Nullable Kept kept;

  /** Nothing yet, of that. */
  public Derived(S source) {
    this.source = source;
  }

  /** What this maker makes of it, which must not be null. */
  public <T> T by(Function<? super S, ? extends T> maker) {
    T known = known(maker, place(maker));
    return known == null ? made(maker) : known;
  }

  private synchronized <T> T made(Function<? super S, ? extends T> maker) {
    Kept place = place(maker);
    T known = known(maker, place);
    if (known != null) {
      return known;
    }
    T made = maker.apply(source);
    Kept before = kept;
    if (place != null) {
      place.made = new WeakReference<>(made);
    } else if (before == null || before.count < MOST) {
      kept = new Kept(maker, made, before);
    }
    return made;
  }

  @SuppressWarnings("ReferenceEquality") // a maker is known by its instance
  private @Nullable Kept place(Object maker) {
    for (Kept each = kept; each != null; each = each.next) {
      if (each.maker == maker) {
        return each;
      }
    }
    return null;
  }

  @SuppressWarnings("unchecked") // it was made by the maker whose place this is
  private <T> @Nullable T known(Function<? super S, ? extends T> maker, @Nullable Kept place) {
    return place == null || !place.maker.equals(maker) ? null : (T) place.made.get();
  }
}
