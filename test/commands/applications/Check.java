import java.io.BufferedReader;
import java.io.InputStreamReader;

/** Asks through the pool who it is, each time that a line comes in. */
public final class Check {
    private Check() {}

    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in));
        try (var pool = Database.open()) {
            while (lines.readLine() != null) {
                try (var connection = pool.getConnection();
                        var rows = connection.createStatement().executeQuery("select current_user")) {
                    rows.next();
                    System.out.println(rows.getString(1));
                }
            }
        }
    }
}
