import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connections to the database, signed in with Microsoft Entra.
 *
 * <pre>
 * try (var pool = Database.open(); var connection = pool.getConnection()) { ... }
 * </pre>
 */
public final class Database {
    private static final String SCOPE = "https://ossrdbms-aad.database.windows.net/.default";

    private Database() {}

    /** Makes a pool. The server, database and user come from PGHOST, PGPORT, PGDATABASE and PGUSER. */
    public static HikariDataSource open() {
        var credential = new DefaultAzureCredentialBuilder().build();
        var request = new TokenRequestContext().addScopes(SCOPE);
        var server = new PGSimpleDataSource() {
            /** Asked for each new connection: the library keeps a token and renews it in time. */
            @Override
            public Connection getConnection() throws SQLException {
                return getConnection(getUser(), credential.getTokenSync(request).getToken());
            }
        };
        server.setServerNames(new String[] {System.getenv("PGHOST")});
        server.setPortNumbers(new int[] {Integer.parseInt(System.getenv().getOrDefault("PGPORT", "5432"))});
        server.setDatabaseName(System.getenv("PGDATABASE"));
        server.setUser(System.getenv("PGUSER"));
        server.setSslMode("verify-full");
        // Java's own root certificates, instead of a file.
        server.setSslfactory("org.postgresql.ssl.DefaultJavaSSLFactory");
        var config = new HikariConfig();
        config.setDataSource(server);
        return new HikariDataSource(config);
    }
}
