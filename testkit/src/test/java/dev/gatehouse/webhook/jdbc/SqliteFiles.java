package dev.gatehouse.webhook.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** SQLite files, opened as claims want them. */
final class SqliteFiles {
  private SqliteFiles() {}

  static HikariDataSource open(Path file, SQLiteConfig.SynchronousMode durability) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(durability);
    config.setBusyTimeout(5_000);
    SQLiteDataSource files = new SQLiteDataSource(config);
    files.setUrl("jdbc:sqlite:" + file);
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(files);
    pool.setMaximumPoolSize(3);
    pool.setConnectionTimeout(20_000);
    return new HikariDataSource(pool);
  }
}
